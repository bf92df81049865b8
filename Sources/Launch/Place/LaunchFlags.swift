/// A place that is given by flags: `--rank`, `--world-size`, `--master-addr`, `--master-port`, `--local-rank`,
/// `--local-world-size`.
public struct LaunchFlags: Equatable, Sendable {
  /// The number of this process among all.
  public var rank: Int?
  /// How many processes there are.
  public var worldSize: Int?
  /// The host of rank 0.
  public var masterAddress: String?
  /// The port of rank 0.
  public var masterPort: Int?
  /// The number of this process on its host; by default 0, or the rank where the master is this host's loopback.
  public var localRank: Int?
  /// How many processes this host has; by default 1, or all where the master is this host's loopback.
  public var localWorldSize: Int?

  /// Flags as they were given; nil for those that were not.
  public init(
    rank: Int? = nil, worldSize: Int? = nil, masterAddress: String? = nil, masterPort: Int? = nil,
    localRank: Int? = nil, localWorldSize: Int? = nil
  ) {
    self.rank = rank
    self.worldSize = worldSize
    self.masterAddress = masterAddress
    self.masterPort = masterPort
    self.localRank = localRank
    self.localWorldSize = localWorldSize
  }

  func place() throws(LaunchEnvironmentError) -> PlaceReport? {
    let given = [
      ("--rank", rank), ("--world-size", worldSize), ("--local-rank", localRank),
      ("--local-world-size", localWorldSize), ("--master-port", masterPort),
    ].compactMap { name, value in value.map { (NamedValue(name, "\($0)"), $0) } }
    let first = given.first?.0 ?? masterAddress.map { NamedValue("--master-addr", $0) }
    guard let first else { return nil }
    for (value, number) in given {
      let (least, greatest) =
        switch value.name {
        case "--master-port": (1, 65_535)
        case "--world-size", "--local-world-size": (1, VariableReader.greatestSize)
        default: (0, VariableReader.greatestSize)
        }
      guard (least...greatest).contains(number) else {
        throw .malformed(value, expected: "a whole number from \(least) to \(greatest)")
      }
    }
    guard let rank else { throw .missing("--rank", besides: first) }
    guard let worldSize else { throw .missing("--world-size", besides: first) }
    if let masterAddress, !VariableReader.isHost(masterAddress) {
      throw .malformed(NamedValue("--master-addr", masterAddress), expected: "the name or address of a host")
    }
    if masterAddress != nil, masterPort == nil { throw .missing("--master-port", besides: first) }
    if masterPort != nil, masterAddress == nil { throw .missing("--master-addr", besides: first) }
    return try PlaceReport(
      source: .flags, rank: rank, worldSize: worldSize, local: local(rank, worldSize), masterAddress: masterAddress,
      masterPort: masterPort,
      named: [NamedValue("--rank", "\(rank)"), NamedValue("--world-size", "\(worldSize)")]
    ).checked()
  }

  private func local(_ rank: Int, _ worldSize: Int) throws(LaunchEnvironmentError) -> PlaceReport.Local? {
    if let localRank, let localWorldSize {
      guard localRank < localWorldSize else {
        throw .outOfRange(
          NamedValue("--local-rank", "\(localRank)"), size: NamedValue("--local-world-size", "\(localWorldSize)"))
      }
      return .init(rank: localRank, worldSize: localWorldSize)
    }
    if let localWorldSize {
      throw .missing("--local-rank", besides: NamedValue("--local-world-size", "\(localWorldSize)"))
    }
    if let address = masterAddress, address == "localhost" || address == "::1" || address.hasPrefix("127.") {
      return .init(rank: localRank ?? rank, worldSize: worldSize)
    }
    if let localRank, localRank > 0 {
      throw .missing("--local-world-size", besides: NamedValue("--local-rank", "\(localRank)"))
    }
    return localRank.map { .init(rank: $0, worldSize: 1) }
  }
}
