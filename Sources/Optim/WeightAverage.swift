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

  /// An average that starts from the module's weights as they are, on their device.
  public init(_ module: any Module, options: Options = Options()) {
    self.options = options
    average = module.stateDict.cloned()
  }

  /// The decay of the next update; 0 of the first.
  public var nextDecay: Double {
    if numUpdates == 0 { return 0 }
    guard options.warmup else { return options.decay }
    return min(options.decay, 1 - pow(1 + Double(numUpdates), -2.0 / 3))
  }

  /// Moves the average towards the module's weights.
  public func update(_ module: any Module) {
    let averages = average.entries.map(\.tensor)
    let weights = module.stateDict.entries.map { $0.tensor.detach() }
    withoutGrad { TensorLists.lerp(averages, towards: weights, weight: 1 - nextDecay) }
    numUpdates += 1
  }

  /// Runs `body` while the module holds the averaged weights, and puts its own back whatever happens.
  public func whileApplied<Result>(to module: any Module, _ body: () throws -> Result) rethrows -> Result {
    let own = module.stateDict.entries.map { $0.tensor.detach() }
    let saved = own.map { $0.clone() }
    withoutGrad { TensorLists.copy(average.entries.map(\.tensor), to: own) }
    defer { withoutGrad { TensorLists.copy(saved, to: own) } }
    return try body()
  }

  /// Takes over an average and its count of updates.
  /// - Throws: `StateDictMismatch` if it was made for another model.
  public func load(_ average: StateDict, numUpdates: Int) throws {
    try self.average.overwrite(with: average)
    self.numUpdates = numUpdates
  }
}
