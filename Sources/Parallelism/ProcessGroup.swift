// Who sends what to whom is c10d's business. What is added here: a group of one that does nothing, errors that say which
// rank is missing, and the few exchanges of bytes and numbers that a trainer needs.
import Foundation
public import Torch

/// Ranks that compute together, seen from one of them. All ranks make the same calls in the same order. A process alone
/// is a group of one, whose calls return at once.
public final class ProcessGroup: @unchecked Sendable {
  /// This process's number, 0 ..< size.
  public let rank: Int
  /// The number of ranks.
  public let size: Int
  /// Seconds after which a rank that does not answer is an error.
  public let timeout: Double
  /// c10d's group; nil of a group of one.
  public let backend: CollectiveBackend?
  private let store: RendezvousStore?
  private let name: String
  private let address: String

  /// A process alone.
  public static let alone = ProcessGroup()

  private init() {
    (rank, size, timeout, backend, store, name, address) = (0, 1, 0, nil, nil, "alone", "")
  }

  private init(
    rank: Int, size: Int, timeout: Double, backend: CollectiveBackend, store: RendezvousStore, name: String,
    address: String
  ) {
    self.rank = rank
    self.size = size
    self.timeout = timeout
    self.backend = backend
    self.store = store
    self.name = name
    self.address = address
  }

  /// Whether this rank speaks and writes for all.
  public var isFirst: Bool { rank == 0 }

  /// Meets all ranks of a world at a store.
  /// - Parameters:
  ///   - host: the host of the store, for which each machine finds its own address; nil for threads of one process.
  ///   - place: how errors name the meeting point.
  ///   - name: tells the group from others at that store, such as that of an earlier start.
  ///   - timeout: seconds, here and in every collective.
  /// - Throws: `CollectiveError.notMet`, `.unavailable`.
  public static func meet(
    at store: RendezvousStore, host: String?, place: String, name: String, rank: Int, size: Int, timeout: Double
  ) throws(CollectiveError) -> ProcessGroup {
    precondition(size >= 1 && (0..<size).contains(rank), "rank \(rank) of \(size)")
    guard CollectiveBackend.isAvailable else {
      throw .unavailable("this build has no process groups: install Gloo's headers (libgloo-dev) and build again")
    }
    let start = Date()
    func fail(_ reason: String) -> CollectiveError {
      let missing = (0..<size).filter { (try? store.has("\(name)/here/\($0)")) != true }
      return .notMet(
        rank: rank, seconds: Date().timeIntervalSince(start).rounded(), missing: missing, place: place, reason: reason)
    }
    do throws(NetworkError) {
      var own = try host.map { host throws(NetworkError) in try RendezvousStore.address(towards: host) } ?? "127.0.0.1"
      try store.set("\(name)/here/\(rank)", own)
      var addresses: [String] = []
      for other in 0..<size {
        let left = timeout - Date().timeIntervalSince(start)
        addresses.append(try store.get("\(name)/here/\(other)", timeout: max(0.001, left)))
      }
      // The host that serves the store may know itself as 127.0.1.1, where no other reaches it.
      if own.isLoopback, let outside = addresses.first(where: { !$0.isLoopback }) {
        own = try RendezvousStore.address(towards: outside)
      }
      let backend = try CollectiveBackend(
        store, name: name, rank: rank, size: size, address: own, timeout: timeout)
      return ProcessGroup(
        rank: rank, size: size, timeout: timeout, backend: backend, store: store, name: name, address: own)
    } catch {
      throw fail(error.description)
    }
  }

  /// A group of some of these ranks, among them this one, in their order. All of them call this alike.
  public func subgroup(_ ranks: [Int], named subname: String) throws(CollectiveError) -> ProcessGroup {
    guard let position = ranks.firstIndex(of: rank) else { preconditionFailure("rank \(rank) is not in \(ranks)") }
    guard let store, ranks.count > 1 else { return .alone }
    do throws(NetworkError) {
      let name = "\(name)/\(subname)"
      let backend = try CollectiveBackend(
        store, name: name, rank: position, size: ranks.count, address: address, timeout: timeout)
      return ProcessGroup(
        rank: position, size: ranks.count, timeout: timeout, backend: backend, store: store, name: name,
        address: address)
    } catch {
      throw failure(error, in: "the making of the group \(subname)")
    }
  }

  /// `tensor` becomes the sum, or maximum or minimum, over the ranks, the same bits on all of them.
  public func allReduce(
    _ tensor: Tensor, _ what: String, _ reduction: Reduction = .sum
  ) throws(CollectiveError) {
    try run("the all-reduce of \(what)") { backend throws(NetworkError) in
      try backend.allReduce(tensor, reduction).wait()
    }
  }

  /// `output` [n] becomes this rank's part of the sum of all `input`s [size * n].
  public func reduceScatter(_ input: Tensor, into output: Tensor, _ what: String) throws(CollectiveError) {
    guard size > 1 else {
      output.copy_(input)
      return
    }
    try run("the reduce-scatter of \(what)") { backend throws(NetworkError) in
      try backend.reduceScatter(input, into: output).wait()
    }
  }

  /// `output` [size * n] becomes all `input`s [n], in the order of the ranks.
  public func allGather(_ input: Tensor, into output: Tensor, _ what: String) throws(CollectiveError) {
    guard size > 1 else {
      output.copy_(input)
      return
    }
    try run("the all-gather of \(what)") { backend throws(NetworkError) in
      try backend.allGather(input, into: output).wait()
    }
  }

  /// `tensor` becomes that of rank `root`.
  public func broadcast(_ tensor: Tensor, from root: Int = 0, _ what: String) throws(CollectiveError) {
    try run("the broadcast of \(what)") { backend throws(NetworkError) in
      try backend.broadcast(tensor, from: root).wait()
    }
  }

  /// Rows of `input` go to the ranks, `sent[r]` of them to rank r, and rows from the ranks come into `output`.
  public func allToAll(
    _ input: Tensor, into output: Tensor, sent: [Int], received: [Int], _ what: String
  ) throws(CollectiveError) {
    guard size > 1 else {
      output.copy_(input)
      return
    }
    try run("the exchange of \(what)") { backend throws(NetworkError) in
      try backend.allToAll(input, into: output, sent: sent, received: received).wait()
    }
  }

  /// Sends `tensor` to a rank, which receives it under the same tag.
  public func send(_ tensor: Tensor, to peer: Int, tag: Int = 0, _ what: String) throws(CollectiveError) {
    try run("sending \(what) to rank \(peer)") { backend throws(NetworkError) in
      try backend.send(tensor, to: peer, tag: tag).wait()
    }
  }

  /// Receives into `tensor` what a rank sends under that tag.
  public func receive(_ tensor: Tensor, from peer: Int, tag: Int = 0, _ what: String) throws(CollectiveError) {
    try run("receiving \(what) from rank \(peer)") { backend throws(NetworkError) in
      try backend.receive(tensor, from: peer, tag: tag).wait()
    }
  }

  /// Returns when all ranks have come so far.
  public func barrier(_ what: String) throws(CollectiveError) {
    try run("the wait for all ranks \(what)") { backend throws(NetworkError) in try backend.barrier().wait() }
  }

  /// The bytes of every rank, in the ranks' order.
  public func allGather(_ bytes: [UInt8], _ what: String) throws(CollectiveError) -> [[UInt8]] {
    guard size > 1 else { return [bytes] }
    let counts = Tensor.zeros([size], dtype: .int64)
    try allGather(Tensor([bytes.count]), into: counts, what)
    let lengths = counts.array(Int.self)
    let width = max(1, lengths.max() ?? 0)
    let all = Tensor.zeros([size * width], dtype: .uint8)
    try allGather(
      Tensor(bytes + [UInt8](repeating: 0, count: width - bytes.count), shape: [width]), into: all, what)
    let joined = all.array(UInt8.self)
    return lengths.enumerated().map { rank, length in Array(joined[rank * width..<rank * width + length]) }
  }

  /// Whether any rank says so.
  public func any(_ condition: Bool, _ what: String) throws(CollectiveError) -> Bool {
    guard size > 1 else { return condition }
    let flag = Tensor([condition ? 1 : 0])
    try allReduce(flag, what, .max)
    return flag.array(Int.self)[0] != 0
  }

  /// Refuses ranks that were started with different things.
  /// - Parameter items: what has to be equal, by name, as short texts.
  /// - Throws: `CollectiveError.different` on every rank, with the first rank that differs and the first item in which it
  ///   does.
  public func requireEqual(_ items: KeyValuePairs<String, String>) throws(CollectiveError) {
    guard size > 1 else { return }
    let separator = "\u{1F}"
    let own = Array(items.map(\.value).joined(separator: separator).utf8)
    let all = try allGather(own, "what the ranks were started with").map {
      String(decoding: $0, as: UTF8.self).components(separatedBy: separator)
    }
    for (other, values) in all.enumerated() where values != all[0] {
      for (place, item) in items.enumerated() {
        let found = place < values.count ? values[place] : "nothing"
        if found != all[0][place] { throw .different(rank: other, what: item.key, own: found, first: all[0][place]) }
      }
    }
  }

  /// Says what this rank is about to do, for the others to read should it never come back from that.
  public func announce(_ progress: String) throws(CollectiveError) {
    guard let store else { return }
    do throws(NetworkError) { try store.set("\(name)/progress/\(rank)", progress) } catch {
      throw failure(error, in: progress)
    }
  }

  /// Tells the other ranks why this one ends, as far as they can still be told; only the first reason is told. The first
  /// rank, with whose process the store may go, gives the others a few seconds to hear it.
  /// - Parameter code: the exit code of that failure, if it was chosen.
  public func announceFailure(_ reason: String, code: Int32 = 1) {
    guard let store, (try? store.has("\(name)/cause/\(rank)")) == false else { return }
    try? store.set("\(name)/cause/\(rank)", "\(code) \(reason)")
    try? store.set("\(name)/aborted", "")
    waitUntilCauseIsHeard(at: store)
  }

  /// The first rank's process may serve the store: it stays until all others have read why the run ends, for a few seconds.
  private func waitUntilCauseIsHeard(at store: RendezvousStore) {
    guard isFirst else { return }
    let end = Date() + Self.graceSeconds
    func isTold(_ other: Int) -> Bool {
      ["heard", "cause"].contains { (try? store.has("\(name)/\($0)/\(other)")) != false }
    }
    while Date() < end, !(1..<size).allSatisfy(isTold) { Thread.sleep(forTimeInterval: 0.05) }
  }

  private func run(
    _ operation: String, _ body: (CollectiveBackend) throws(NetworkError) -> Void
  ) throws(CollectiveError) {
    guard let backend else { return }
    do throws(NetworkError) { try body(backend) } catch { throw failure(error, in: operation) }
  }

  /// Finds out who is to blame: every rank that sees the failure says so, those that do not are missing.
  public func failure(_ error: NetworkError, in operation: String) -> CollectiveError {
    guard let store else { return .failed(rank: rank, operation: operation, missing: [], reason: error.description) }
    func plain(_ missing: [CollectiveError.MissingRank]) -> CollectiveError {
      .failed(rank: rank, operation: operation, missing: missing, reason: error.description)
    }
    do throws(NetworkError) {
      try store.set("\(name)/failed/\(rank)", operation)
      try store.set("\(name)/aborted", "")
      let end = Date() + Self.graceSeconds
      var missing = (0..<size).filter { $0 != rank }
      while !missing.isEmpty {
        var silent: [Int] = []
        for other in missing {
          if try store.has("\(name)/cause/\(other)") {
            let cause = try store.get("\(name)/cause/\(other)", timeout: 1)
            try store.set("\(name)/heard/\(rank)", "")
            waitUntilCauseIsHeard(at: store)
            let (code, reason) = (cause.prefix { $0 != " " }, cause.drop { $0 != " " }.dropFirst())
            return .otherRank(other, reason: String(reason), code: Int32(code) ?? 1)
          }
          if try !store.has("\(name)/failed/\(other)") { silent.append(other) }
        }
        missing = silent
        guard Date() < end else { break }
        Thread.sleep(forTimeInterval: 0.05)
      }
      var found: [CollectiveError.MissingRank] = []
      for other in missing {
        let key = "\(name)/progress/\(other)"
        found.append(.init(rank: other, last: try store.has(key) ? try store.get(key, timeout: 1) : nil))
      }
      return plain(found)
    } catch {
      // The store went with the process that serves it.
      return plain(rank == 0 ? [] : [.init(rank: 0, last: nil)])
    }
  }

  /// How long a rank waits for the others to see a failure too.
  private static let graceSeconds = 3.0
}

extension String {
  fileprivate var isLoopback: Bool { hasPrefix("127.") || self == "::1" }
}
