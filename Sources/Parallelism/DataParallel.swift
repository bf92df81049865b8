// Data ranks have the same weights and other samples. A step needs three things of the others: the sum of all gradients,
// agreement on a few numbers, and under ZeRO the values that they stepped. What follows from equal numbers is equal.
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
    /// The stage of ZeRO (Rajbhandari et al. 2020, arXiv:1910.02054). From 1 on each rank keeps the optimizer's state of its
    /// slice of the parameters, steps it, and hands the new values to the others; from 2 on it keeps the gradients of
    /// that slice alone, and at 3 the values of the model's blocks, too: what is missing is there while a block computes.
    public var zero = 0
    /// Whether the optimizer's state is kept, and stepped, in the host's memory while the model is on another device.
    public var offloadOptimizer = false
    /// Seconds after which a rank that does not answer ends the run on all others.
    public var timeout = 600.0

    /// Gradients as they are, whole states, ten minutes.
    public init() {}

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      if let bucketMegabytes { issues.check("bucket_megabytes", bucketMegabytes, in: 0.01...10_000) }
      issues.check("zero", zero, in: 0...3)
      issues.check("timeout", timeout, in: 1...86_400)
    }
  }

  /// The ranks.
  public let group: ProcessGroup
  /// The groups as an optimizer on this rank steps them: all of each, or this rank's slice.
  public private(set) var groups: [ParameterGroup] = []
  /// The stage of ZeRO; 0 of a process alone.
  let stage: Int
  private var buckets: GradientBuckets?
  /// What ranks share out by blocks, in stages 2 and 3.
  var blocks: ShardedBlocks?
  /// The places of the blocks in the forward pass.
  var blockNumbers: [String: Int] = [:]
  /// Whether copies of values may be older than the values: at first, and after somebody was given them to change.
  var areCopiesOld = true
  /// What a sum within an optimizer's step failed with; such a step cannot throw.
  final class StepFailure { var error: CollectiveError? }
  let stepFailure = StepFailure()
  /// The names of the sums that ranks agree on, as found at the first step; a rank without samples has none of its own.
  private var sumNames: [String]?
  /// Buckets or blocks whose sums were started by the last backward pass, of how many.
  public internal(set) var overlap = (started: 0, of: 0)

  /// A process alone, which reduces nothing.
  public static var alone: DataParallel { DataParallel(.alone) }

  private init(_ group: ProcessGroup) {
    self.group = group
    stage = 0
  }

  /// Whether each rank has a slice of the optimizer's state alone.
  public var isSharded: Bool { stage > 0 }

  /// Watches the gradients of `groups`, in which the trained parameters of `module` lie, and shares them out.
  /// - Parameter groups: cut into as many slices as there are ranks, where they are to be shared out; in stages 2 and 3 by
  ///   the blocks that the module names in its forward pass.
  public init(
    _ group: ProcessGroup, module: any Module, groups: [ParameterGroup], options: Options = Options()
  ) {
    self.group = group
    stage = group.size > 1 ? options.zero : 0
    precondition(
      !isSharded || groups.allSatisfy { $0.values.count % (group.size * ParameterGroup.rowLength) == 0 },
      "groups that are to be cut into \(group.size) slices have to be made for that")
    let sentType: DType? = options.compression == .bfloat16 ? .bfloat16 : nil
    self.groups =
      isSharded || options.offloadOptimizer ? groups.map { cut($0, offloads: options.offloadOptimizer) } : groups
    guard let backend = group.backend else { return }
    guard stage < 2 else {
      shareBlocks(over: backend, sendingAs: sentType)
      return
    }
    let numBytes = groups.reduce(0) { $0 + $1.gradients.count * $1.gradients.dtype.byteCount }
    let bytes = options.bucketMegabytes.map { Int($0 * 1e6) } ?? min(25_000_000, max(1_000_000, numBytes / 8))
    let places = Dictionary(uniqueKeysWithValues: module.namedParameters.enumerated().map { ($1.name, $0) })
    let buckets = groups.flatMap { $0.cut(intoBytes: bytes, places: places) }.sorted { $0.first > $1.first }
    self.buckets = GradientBuckets(buckets.map(\.bucket), over: backend, sendingAs: sentType)
    overlap.of = buckets.count
  }

  /// Begins a step, before its first pass.
  public func beginStep() {
    guard areCopiesOld else { return }
    // Slices first: they take over what was changed in the whole.
    shareValues()
    copyValuesToHost()
    areCopiesOld = false
  }

  /// Begins a pass forward and backward. Sums of gradients start with the last one of a step; those that are shared out,
  /// which no rank keeps whole, with each.
  public func beginPass(isLast: Bool) {
    if let blocks { blocks.arm() } else if isLast { buckets?.arm() }
  }

  /// Ends it, on all ranks alike.
  /// - Parameter hasSamples: whether this rank had something to compute.
  public func endPass(hasSamples: Bool) throws(CollectiveError) {
    guard let blocks else { return }
    if !hasSamples { blocks.skip() }
    do throws(NetworkError) { overlap.started = try blocks.finish() } catch {
      throw group.failure(error, in: "the exchange of a block's weights or gradients")
    }
  }

  /// Waits until the gradients are the ranks' sums, the same bits on all of them; of slices, each on its rank.
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
