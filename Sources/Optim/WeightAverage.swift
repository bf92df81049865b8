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
  /// Updates so far; a checkpoint keeps it beside the average.
  public private(set) var numUpdates = 0
  /// What of a group is averaged here, all of it or this process's slice, and its average.
  private let parts: [(group: ParameterGroup, average: Tensor)]
  /// The tensors that are in no group.
  private let others: [(name: String, weights: Tensor, average: Tensor)]
  /// What is averaged, in the module's order.
  private let weights: StateDict

  /// An average that starts from the module's weights as they are, on their device.
  /// - Parameter groups: the groups in whose memory the module's trained parameters lie, whole at this time. Where they are
  ///   shared out, so is the average.
  public init(_ module: any Module, groups: [ParameterGroup], options: Options = Options()) {
    self.options = options
    weights = module.stateDict
    parts = groups.map { ($0, $0.own($0.values).clone()) }
    let grouped = Set(groups.flatMap { $0.parameters.map(\.name) })
    others = weights.entries.filter { !grouped.contains($0.name) }
      .map { ($0.name, $0.tensor.detach(), $0.tensor.detach().clone()) }
  }

  /// The decay of the next update; 0 of the first.
  public var nextDecay: Double {
    if numUpdates == 0 { return 0 }
    guard options.warmup else { return options.decay }
    return min(options.decay, 1 - pow(1 + Double(numUpdates), -2.0 / 3))
  }

  /// Moves the average towards the module's weights.
  public func update() {
    withoutGrad {
      TensorLists.lerp(
        averages, towards: parts.map(\.group.ownValues) + others.map(\.weights), weight: 1 - nextDecay)
    }
    numUpdates += 1
  }

  /// Runs `body` while the module holds the averaged weights, and puts its own back whatever happens; not inside of a
  /// `recovering` scope, where a failure of `body` would stand in the way. Of weights that several processes share out,
  /// which are whole at this time, only this process's slice comes back where `body` fails.
  /// - Throws: `TorchError` where there is no memory for the module's own weights meanwhile, before anything changes; what
  ///   `body` throws; or what fails between the processes.
  public func whileApplied<Result>(_ body: () throws -> Result) throws -> Result {
    let own = wholeParts
    let saved = try recovering { own.map { $0.clone() } }
    withoutGrad { TensorLists.copy(averages, to: own) }
    let result = Swift.Result {
      try gather()
      return try body()
    }
    withoutGrad { TensorLists.copy(saved, to: own) }
    if case .success = result { try gather() }
    return try result.get()
  }

  /// The averaged tensors by name, in the module's order. Of weights that are shared out it is a copy, to which all
  /// processes have to contribute at the same time; else they are the average's own.
  /// - Throws: `TorchError` where there is no memory for it, or what fails between the processes.
  public func whole() throws -> StateDict {
    var found: [String: Tensor] = [:]
    for (group, average) in parts {
      var buffer = average
      if let shard = group.shard {
        buffer = try recovering { .zeros([group.values.count], dtype: average.dtype, device: average.device) }
        try shard.gather(average, buffer)
      }
      for entry in group.named(buffer) { found[entry.name] = entry.tensor }
    }
    for other in others { found[other.name] = other.average }
    return StateDict(weights.names.map { (name: $0, tensor: found[$0]!) })
  }

  /// Starts anew from the module's weights as they are, whole at this time.
  public func restart() {
    withoutGrad { TensorLists.copy(wholeParts, to: averages) }
    numUpdates = 0
  }

  /// Takes over an average and its count of updates.
  /// - Throws: `StateDictMismatch` if it was made for another model.
  public func load(_ average: StateDict, numUpdates: Int) throws {
    try weights.requireFit(of: average)
    withoutGrad {
      for (group, own) in parts {
        for piece in group.pieces(of: own, at: group.stepped) {
          if let saved = average[piece.parameter.name] { piece.take(saved) }
        }
      }
      for other in others { if let saved = average[other.name] { other.average.copy_(saved) } }
    }
    self.numUpdates = numUpdates
  }

  private var averages: [Tensor] { parts.map(\.average) + others.map(\.average) }

  /// What is averaged here, in the memory that the module computes with.
  private var wholeParts: [Tensor] { parts.map { $0.group.own($0.group.values) } + others.map(\.weights) }

  /// Makes of each process's slices in the module's memory those of all.
  private func gather() throws {
    for (group, _) in parts { try group.shard?.gather(group.own(group.values), group.values) }
  }
}
