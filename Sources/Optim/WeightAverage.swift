import Foundation
public import NN
public import Settings
public import Torch

/// An exponential moving average of a model's weights (Polyak, Juditsky 1992), as timm's `ModelEmaV3`: after each step
/// average = decay · average + (1 - decay) · weights, for parameters and buffers. The first update takes the weights over
/// as they are, so that those of before the first step do not stay in the average.
public final class WeightAverage {
  /// What can be set.
  public struct Options: Validatable, Equatable {
    /// How much of the average stays at each update.
    public var decay = 0.9998
    /// Start with a smaller decay, 1 - (1 + n)^(-2/3) at update n, counted from 0, so that early weights fade.
    public var warmup = false

    /// Decay 0.9998, no warm-up.
    public init() {}

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      issues.check((0..<1).contains(decay), "decay", found: decay, "at least 0 and less than 1")
    }
  }

  /// What was set.
  public let options: Options
  /// The averaged tensors by name, in the module's order.
  public let average: StateDict
  /// Updates so far; a checkpoint keeps it beside the average.
  public private(set) var numUpdates = 0
  /// What is averaged, and where to: a buffer for each group, and the tensors that are in none.
  private let pairs: [(weights: Tensor, average: Tensor)]

  /// An average that starts from the module's weights as they are, on their device.
  /// - Parameter groups: the groups in whose memory the module's trained parameters lie.
  public init(_ module: any Module, groups: [ParameterGroup], options: Options = Options()) {
    self.options = options
    var averages: [String: Tensor] = [:]
    var pairs: [(weights: Tensor, average: Tensor)] = []
    for group in groups {
      let buffer = group.values.clone()
      pairs.append((group.values, buffer))
      for entry in group.named(buffer) { averages[entry.name] = entry.tensor }
    }
    average = StateDict(
      module.stateDict.entries.map { entry in
        if let average = averages[entry.name] { return NamedTensor(entry.name, average) }
        let own = entry.tensor.detach()
        pairs.append((own, own.clone()))
        return NamedTensor(entry.name, pairs[pairs.count - 1].average)
      })
    self.pairs = pairs
  }

  /// The decay of the next update; 0 of the first.
  public var nextDecay: Double {
    if numUpdates == 0 { return 0 }
    guard options.warmup else { return options.decay }
    return min(options.decay, 1 - pow(1 + Double(numUpdates), -2.0 / 3))
  }

  /// Moves the average towards the module's weights.
  public func update() {
    withoutGrad { TensorLists.lerp(pairs.map(\.average), towards: pairs.map(\.weights), weight: 1 - nextDecay) }
    numUpdates += 1
  }

  /// Runs `body` while the module holds the averaged weights, and puts its own back whatever happens; not inside of a
  /// `recovering` scope, where a failure of `body` would stand in the way.
  /// - Throws: `TorchError` where there is no memory for the module's own weights meanwhile, before anything changes; or
  ///   what `body` throws.
  public func whileApplied<Result>(_ body: () throws -> Result) throws -> Result {
    let own = pairs.map(\.weights)
    let saved = try recovering { own.map { $0.clone() } }
    withoutGrad { TensorLists.copy(pairs.map(\.average), to: own) }
    defer { withoutGrad { TensorLists.copy(saved, to: own) } }
    return try body()
  }

  /// Starts anew from the module's weights as they are.
  public func restart() {
    withoutGrad { TensorLists.copy(pairs.map(\.weights), to: pairs.map(\.average)) }
    numUpdates = 0
  }

  /// Takes over an average and its count of updates.
  /// - Throws: `StateDictMismatch` if it was made for another model.
  public func load(_ average: StateDict, numUpdates: Int) throws {
    try self.average.overwrite(with: average)
    self.numUpdates = numUpdates
  }
}
