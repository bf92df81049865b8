// The calls of c10d, one to one. `Parallelism` makes of them what a trainer uses.
import CTorch
import Foundation

/// What another process, or the way to it, did wrong: c10d's message, in one line.
public struct NetworkError: Error, Sendable, CustomStringConvertible {
  /// The first line of c10d's message, without places in its source and without its guesses.
  public let description: String

  /// An error of that message.
  public init(_ message: String) {
    var text = message.firstLine[...]
    // "[/pytorch/third_party/gloo/gloo/transport/tcp/pair.cc:553] Connection closed by peer"
    if text.hasPrefix("[/"), let end = text.range(of: "] ") { text = text[end.upperBound...] }
    if let guess = text.range(of: ". This is typically caused by") { text = text[..<guess.lowerBound] }
    // It names the key, which only c10d knows.
    if text.hasPrefix("wait timeout") { text = "no answer in time" }
    while text.last == "." { text.removeLast() }
    description = String(text)
  }
}

/// Throws what a call over the network failed with; a skipped call is not an error, since its scope reports the first.
func checkNetwork(_ status: vt_status) throws(NetworkError) {
  if status == VT_NETWORK { throw NetworkError(String(cString: vt_last_error())) }
  check(status)
}

/// Bytes by key, which several processes share to find each other: c10d's TCPStore.
public final class RendezvousStore: @unchecked Sendable {
  fileprivate let handle: vt_store
  /// Where it is served; 0 of a store of this process alone.
  public let port: Int

  private init(_ handle: vt_store, port: Int) {
    self.handle = handle
    self.port = port
  }

  deinit { vt_store_free(handle) }

  /// The store at a host's port: serves it, or connects to where another process does.
  /// - Parameters:
  ///   - port: 0 takes a free one, for the one that serves.
  ///   - timeout: seconds until a store that nobody serves is an error.
  public static func tcp(
    host: String, port: Int, isServer: Bool, timeout: Double
  ) throws(NetworkError) -> RendezvousStore {
    guard let number = UInt16(exactly: port) else { throw NetworkError("\(port) is no port") }
    var (out, bound) = (vt_store(), UInt16(0))
    try checkNetwork(vt_store_tcp(host, number, isServer, milliseconds(timeout), &out, &bound))
    return RendezvousStore(out, port: Int(bound))
  }

  /// A store for threads of this process.
  public static func local() throws(NetworkError) -> RendezvousStore {
    var out = vt_store()
    try checkNetwork(vt_store_local(&out))
    return RendezvousStore(out, port: 0)
  }

  /// Sets the bytes of a key.
  public func set(_ key: String, _ value: String) throws(NetworkError) {
    let bytes = Array(value.utf8)
    try checkNetwork(vt_store_set(handle, key, bytes, bytes.count))
  }

  /// The bytes of a key, as soon as somebody has set them.
  public func get(_ key: String, timeout: Double) throws(NetworkError) -> String {
    var value = ""
    let status = withUnsafeMutablePointer(to: &value) { pointer in
      vt_store_get(
        handle, key, milliseconds(timeout),
        { bytes, count, context in
          let text = UnsafeRawBufferPointer(start: bytes, count: count)
          context?.assumingMemoryBound(to: String.self).pointee = String(decoding: text, as: UTF8.self)
        }, pointer)
    }
    try checkNetwork(status)
    return value
  }

  /// Whether somebody has set a key.
  public func has(_ key: String) throws(NetworkError) -> Bool {
    var out = false
    try checkNetwork(vt_store_has(handle, key, &out))
    return out
  }

  /// The numeric address of this machine's end of the way to a host.
  public static func address(towards host: String) throws(NetworkError) -> String {
    var bytes = [CChar](repeating: 0, count: 64)
    try checkNetwork(vt_address_towards(host, &bytes, bytes.count))
    return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// How a reduction joins the ranks' numbers.
public enum Reduction: Sendable {
  case sum, max, min

  fileprivate var code: Int32 {
    switch self {
    case .sum: Int32(VT_SUM)
    case .max: Int32(VT_MAX)
    case .min: Int32(VT_MIN)
    }
  }
}

/// A collective under way. What it reads and writes belongs to it until `wait` returns.
public final class PendingCollective {
  private var handle: vt_work?
  private let backend: CollectiveBackend

  fileprivate init(_ handle: vt_work, of backend: CollectiveBackend) {
    self.handle = handle.impl == nil ? nil : handle
    self.backend = backend
  }

  deinit { if let handle { vt_work_free(handle) } }

  /// Returns when it is done.
  public func wait() throws(NetworkError) {
    guard let handle else { return }
    self.handle = nil
    try checkNetwork(vt_work_wait(backend.handle, handle))
  }
}

/// c10d's process group over Gloo: the ranks that compute together. Every rank makes the same calls in the same order.
public final class CollectiveBackend: @unchecked Sendable {
  let handle: vt_group

  /// Whether this build has process groups.
  public static var isAvailable: Bool { vt_groups_available() }

  /// Meets the other ranks at a store.
  /// - Parameters:
  ///   - name: tells the group from others at that store.
  ///   - address: this machine's own, at which the others reach it.
  ///   - timeout: seconds after which a rank that does not come, or does not answer, is an error.
  public init(
    _ store: RendezvousStore, name: String, rank: Int, size: Int, address: String, timeout: Double
  ) throws(NetworkError) {
    var out = vt_group()
    try checkNetwork(
      vt_group_gloo(store.handle, name, Int32(rank), Int32(size), address, milliseconds(timeout), &out))
    handle = out
  }

  deinit { vt_group_free(handle) }

  /// `tensor` becomes the ranks' sum, or maximum or minimum, of it.
  public func allReduce(_ tensor: Tensor, _ reduction: Reduction) throws(NetworkError) -> PendingCollective {
    var out = vt_work()
    try checkNetwork(vt_all_reduce(handle, tensor.handle, reduction.code, &out))
    return PendingCollective(out, of: self)
  }

  /// `output` [n] becomes this rank's part of the sum of all `input`s [size * n].
  public func reduceScatter(_ input: Tensor, into output: Tensor) throws(NetworkError) -> PendingCollective {
    var out = vt_work()
    try checkNetwork(vt_reduce_scatter(handle, output.handle, input.handle, &out))
    return PendingCollective(out, of: self)
  }

  /// `output` [size * n] becomes all `input`s [n], in the order of the ranks.
  public func allGather(_ input: Tensor, into output: Tensor) throws(NetworkError) -> PendingCollective {
    var out = vt_work()
    try checkNetwork(vt_all_gather(handle, output.handle, input.handle, &out))
    return PendingCollective(out, of: self)
  }

  /// `tensor` becomes that of rank `root`.
  public func broadcast(_ tensor: Tensor, from root: Int) throws(NetworkError) -> PendingCollective {
    var out = vt_work()
    try checkNetwork(vt_broadcast(handle, tensor.handle, Int32(root), &out))
    return PendingCollective(out, of: self)
  }

  /// Rows of `input` go to the ranks, `sent[r]` of them to rank r, and rows from the ranks come into `output`.
  public func allToAll(
    _ input: Tensor, into output: Tensor, sent: [Int], received: [Int]
  ) throws(NetworkError) -> PendingCollective {
    var out = vt_work()
    try checkNetwork(
      vt_all_to_all(handle, output.handle, input.handle, received.map(Int64.init), sent.map(Int64.init), &out))
    return PendingCollective(out, of: self)
  }

  /// Sends `tensor` to a rank, which receives it under the same tag.
  public func send(_ tensor: Tensor, to peer: Int, tag: Int) throws(NetworkError) -> PendingCollective {
    var out = vt_work()
    try checkNetwork(vt_send(handle, tensor.handle, Int32(peer), Int32(tag), &out))
    return PendingCollective(out, of: self)
  }

  /// Receives into `tensor` what a rank sends under that tag.
  public func receive(_ tensor: Tensor, from peer: Int, tag: Int) throws(NetworkError) -> PendingCollective {
    var out = vt_work()
    try checkNetwork(vt_receive(handle, tensor.handle, Int32(peer), Int32(tag), &out))
    return PendingCollective(out, of: self)
  }

  /// Done when all ranks have come so far.
  public func barrier() throws(NetworkError) -> PendingCollective {
    var out = vt_work()
    try checkNetwork(vt_barrier(handle, &out))
    return PendingCollective(out, of: self)
  }
}

private func milliseconds(_ seconds: Double) -> Int64 { Int64((seconds * 1000).rounded(.up)) }
