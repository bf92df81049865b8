/// What one launcher says; the rest may come from another that agrees with it.
struct PlaceReport: Equatable {
  var source: LaunchEnvironment.Source
  var rank: Int
  var worldSize: Int
  var local: Local?
  var nodeRank: Int?
  var masterAddress: String?
  var masterPort: Int?
  var restartCount = 0
  /// What tells this job from others on the same hosts.
  var jobIdentity: String?
  /// How many launchers started the processes, where that is known: one for each host.
  var numLaunchers: Int?
  /// Whether each host has one process, which may be a launcher.
  var isOnePerHost = false
  /// Rank and size as they were set.
  var named: [NamedValue]

  /// The place among the processes of one host.
  struct Local: Equatable {
    var rank: Int
    var worldSize: Int
  }

  /// Refuses numbers that do not go together.
  func checked() throws(LaunchEnvironmentError) -> PlaceReport {
    guard let rankValue = named.first, let size = named.last else { return self }
    guard worldSize > 0 else { throw .malformed(size, expected: "a number of processes, at least 1") }
    guard rank < worldSize else { throw .outOfRange(rankValue, size: size) }
    return self
  }

  /// Takes what is not said here from a report of the same rank and size.
  mutating func complete(from other: PlaceReport) {
    local = local ?? other.local
    nodeRank = nodeRank ?? other.nodeRank
    jobIdentity = jobIdentity ?? other.jobIdentity
    numLaunchers = numLaunchers ?? other.numLaunchers
    restartCount = max(restartCount, other.restartCount)
    if masterAddress == nil {
      masterAddress = other.masterAddress
      masterPort = masterPort ?? other.masterPort
    }
    // srun gives its tasks MPICH's variables as well (--mpi=pmi2): it is the one that started them.
    if source == .mpich || source == .openMPI {
      source = other.source
      named = other.named
    }
  }

  /// Whether a launcher that the outer one started can have started this process: then the outer one counted
  /// launchers.
  func canBeStarted(by outer: PlaceReport) -> Bool {
    if outer.worldSize == 1 { return true }
    // torchrun numbers hosts by arrival, so that its ranks need not follow those of the outer launcher; and one
    // launcher may be a job of its own, beside others, or be missing from an elastic job.
    if let numLaunchers { return numLaunchers <= outer.worldSize }
    switch source {
    case .openMPI, .mpich: return outer.isOnePerHost && worldSize > outer.worldSize
    case .flags, .torchrun, .slurm:
      guard worldSize > outer.worldSize, worldSize.isMultiple(of: outer.worldSize) else { return false }
      let numPerLauncher = local?.worldSize ?? worldSize / outer.worldSize
      return worldSize == outer.worldSize * numPerLauncher && rank / numPerLauncher == outer.rank
    }
  }

  /// The place, with what holds where nothing was said.
  func finished(_ reader: VariableReader) throws(LaunchEnvironmentError) -> LaunchEnvironment {
    guard let local = local ?? (source == .flags || source == .torchrun ? Local(rank: 0, worldSize: 1) : nil) else {
      throw .missing("MPI_LOCALRANKID and MPI_LOCALNRANKS", besides: named[0])
    }
    guard local.worldSize > 0, local.rank < local.worldSize, local.worldSize <= worldSize else {
      throw .outOfRange(
        NamedValue("local rank", "\(local.rank) of \(local.worldSize)"), size: NamedValue("a world of", "\(worldSize)"))
    }
    let isOneHost = local.worldSize == worldSize
    var address = masterAddress
    if source != .flags || address == nil, let text = try reader.host("MASTER_ADDR") { address = text }
    var port = masterPort
    if source != .flags || port == nil {
      if let number = try reader.number("MASTER_PORT", upTo: 65_535) { port = number }
      guard port != 0 else { throw .malformed(NamedValue("MASTER_PORT", "0"), expected: "a port, 1 to 65535") }
    }
    let isSaidByHand = source == .flags || source == .torchrun
    if address == nil, isOneHost { address = "127.0.0.1" }
    if port == nil {
      if let jobIdentity { port = Self.port(of: jobIdentity) } else if !isSaidByHand || worldSize == 1 { port = 29_500 }
    }
    guard let address, let port else {
      let missing = [address == nil ? "MASTER_ADDR" : nil, port == nil ? "MASTER_PORT" : nil].compactMap { $0 }
      throw .noMaster(source, variables: missing.joined(separator: " and "))
    }
    return LaunchEnvironment(
      rank: rank, worldSize: worldSize, localRank: local.rank, localWorldSize: local.worldSize, nodeRank: nodeRank,
      masterAddress: address, masterPort: port, restartCount: restartCount, source: source)
  }

  /// A port from 10000 to 29999, below those that Linux gives to outgoing connections. FNV-1a, since Swift's own hash
  /// differs from process to process.
  static func port(of identity: String) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in identity.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return 10_000 + Int((hash ^ (hash >> 32)) % 20_000)
  }
}
