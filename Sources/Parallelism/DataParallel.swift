// Data ranks have the same weights and other samples. A step needs three things of the others: the sum of all gradients,
// agreement on a few numbers, and nothing else: what follows from equal numbers is equal.
//
//   gradients of a group   | bucket 3 ........ | bucket 2 ........ | bucket 1 ...... |   a slice of the flat buffer each
//   backward pass                                        <- goes from the last layer to the first
//
// So a bucket's sum travels while the gradients of the layers before it are still computed.
public import NN
public import Optim
public import Settings
public import Torch

/// The data ranks of a run, seen from one of them.
public final class DataParallel {
  /// What can be set.
  public struct Options: Validatable, Equatable {
    /// The types in which gradients can travel.
    public enum Compression: String, Codable, Sendable, CaseIterable {
      /// Their own.
      case none
      /// bfloat16: half the bytes of float32, and sums with 8 bits of precision.
      case bfloat16
    }

    /// Megabytes of a bucket; if left out, an eighth of the gradients, but 1 at least and 25 at most.
    public var bucketMegabytes: Double?
    /// The type in which gradients travel.
    public var compression = Compression.none
    /// Seconds after which a rank that does not answer ends the run on all others.
    public var timeout = 600.0

    /// Gradients as they are, ten minutes.
    public init() {}

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      if let bucketMegabytes { issues.check("bucket_megabytes", bucketMegabytes, in: 0.01...10_000) }
      issues.check("timeout", timeout, in: 1...86_400)
    }
  }

  /// The ranks.
  public let group: ProcessGroup
  private let buckets: GradientBuckets?
  /// The names of the sums that ranks agree on, as found at the first step; a rank without samples has none of its own.
  private var sumNames: [String]?
  /// Buckets whose sums were started by the last backward pass, of how many.
  public private(set) var overlap = (started: 0, of: 0)

  /// A process alone, which reduces nothing.
  public static var alone: DataParallel { DataParallel(.alone) }

  private init(_ group: ProcessGroup) {
    self.group = group
    buckets = nil
  }

  /// Watches the gradients of `groups`, in which the trained parameters of `module` lie.
  public init(
    _ group: ProcessGroup, module: any Module, groups: [ParameterGroup], options: Options = Options()
  ) {
    self.group = group
    guard let backend = group.backend else {
      buckets = nil
      return
    }
    let numBytes = groups.reduce(0) { $0 + $1.gradients.count * $1.gradients.dtype.byteCount }
    let bytes = options.bucketMegabytes.map { Int($0 * 1e6) } ?? min(25_000_000, max(1_000_000, numBytes / 8))
    let places = Dictionary(uniqueKeysWithValues: module.namedParameters.enumerated().map { ($1.name, $0) })
    let cut = groups.flatMap { $0.cut(intoBytes: bytes, places: places) }.sorted { $0.first > $1.first }
    buckets = GradientBuckets(
      cut.map(\.bucket), over: backend, sendingAs: options.compression == .bfloat16 ? .bfloat16 : nil)
    overlap.of = cut.count
  }

  /// Lets the next backward pass start the sums: it is the last of the step.
  public func armForLastBackward() { buckets?.arm() }

  /// Waits until the gradients are the ranks' sums, the same bits on all of them.
  public func reduceGradients() throws(CollectiveError) {
    guard let buckets else { return }
    do throws(NetworkError) { overlap.started = try buckets.finish() } catch {
      throw group.failure(error, in: "the all-reduce of gradients")
    }
  }

  /// The ranks' sums of scalars by name, and of a count and a flag, exact in float64. Waits for nothing on the device but
  /// the scalars themselves.
  /// - Parameters:
  ///   - sums: scalars on the device, the same names on every rank that has samples; empty on one without.
  ///   - numSamples: how many samples they are of.
  ///   - flag: what any rank may raise.
  /// - Returns: the sums as float32 scalars, and both numbers as float64 ones.
  public func agree(
    _ sums: StateDict, numSamples: Int, flag: Bool, device: Device
  ) throws -> (sums: StateDict, numSamples: Tensor, flag: Tensor) {
    let names = try sumNames(sums.names)
    return try withoutGrad {
      let zero = Tensor.zeros([], dtype: .float64, device: device)
      let numbers = Tensor([Double(numSamples), flag ? 1 : 0]).to(device)
      let all = Tensor.concatenated([
        numbers, Tensor.stacked([zero] + names.map { sums[$0]?.to(.float64) ?? zero }),
      ])
      try group.allReduce(all, "the sums of the step")
      func scalar(_ place: Int) -> Tensor { all.narrow(0, start: place, length: 1).reshape([]) }
      let agreed = names.enumerated().map { (name: $1, tensor: scalar(3 + $0).to(.float32)) }
      return (StateDict(agreed), scalar(0), scalar(1))
    }
  }

  private func sumNames(_ own: [String]) throws(CollectiveError) -> [String] {
    if let sumNames { return sumNames }
    let all = try group.allGather(Array(own.joined(separator: "\n").utf8), "the names of sums")
    let names = all.first { !$0.isEmpty } ?? []
    let found = String(decoding: names, as: UTF8.self).split(separator: "\n").map(String.init)
    if !found.isEmpty { sumNames = found }
    return found
  }
}

extension ParameterGroup {
  /// Slices of the gradients of about so many bytes, each with the place of its first parameter in the model.
  fileprivate func cut(
    intoBytes bytes: Int, places: [String: Int]
  ) -> [(bucket: GradientBuckets.Bucket, first: Int)] {
    let count = gradients.count
    let numBuckets = max(1, (count * gradients.dtype.byteCount + bytes - 1) / bytes)
    let rows = count / Self.rowLength
    return (0..<numBuckets).compactMap { index in
      let range = rows * index / numBuckets * Self.rowLength..<rows * (index + 1) / numBuckets * Self.rowLength
      let inside = zip(parameters, ranges).filter { $1.overlaps(range) }.map(\.0)
      guard let first = inside.first else { return nil }
      return (
        GradientBuckets.Bucket(gradients: gradients, range: range, parameters: inside.map(\.tensor)),
        places[first.name] ?? 0
      )
    }
  }
}
