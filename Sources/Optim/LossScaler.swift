// Dynamic loss scaling (Micikevicius et al. 2017, arXiv:1710.03740): float16 loses gradients below 6e-8, so the loss is
// multiplied before the backward pass and the optimizer divides the gradients by it; the factor follows what overflows.
//
// The rule has a scale, a count of steps since the last overflow (growth tracker) and a count of overflows (hysteresis
// tracker), float32 scalars on the device; nothing waits for it.
//
//   overflow:  hysteresis tracker + 1, growth tracker 0; from `hysteresis` overflows on, scale x backoff
//   else:      growth tracker + 1; at `interval`, scale x growth, both trackers 0
//
// So only growth resets the count of overflows, as in Colossal-AI; with a hysteresis of 1 this is PyTorch's GradScaler.
import NN
public import Torch

/// The factor of the loss in float16 training.
public final class LossScaler {
  /// What was set.
  public let options: Options
  /// The factor.
  public let scale: Tensor
  private let growthTracker: Tensor
  private let hysteresisTracker: Tensor
  private let constants: Options.Constants

  /// A scaler with its first factor, on `device`.
  public init(_ options: Options = Options(), device: Device = .cpu) {
    self.options = options
    constants = options.constants
    scale = .full([], constants.initial, device: device)
    growthTracker = .zeros([], device: device)
    hysteresisTracker = .zeros([], device: device)
  }

  /// The smallest factor; an overflow there is none that scaling could help.
  public var minimum: Double { constants.minimum }

  /// The loss times the factor; differentiable.
  public func scaled(_ loss: Tensor) -> Tensor { loss * scale }

  /// Follows the outcome of a step.
  /// - Parameter foundInf: a float32 scalar on the device, 1 where the step overflowed and changed nothing, else 0.
  public func update(foundInf: Tensor) { update(to: next(foundInf: foundInf)) }

  /// What `update(foundInf:)` would change, computed without a change.
  public func next(foundInf: Tensor) -> Change {
    withoutGrad {
      let overflow = foundInf.isGreater(than: 0)
      let numGood = growthTracker + 1
      let numOverflows = hysteresisTracker + foundInf
      let grows = overflow.logicalNot().logicalAnd(numGood.isGreater(than: Double(constants.interval) - 0.5))
      let backsOff = overflow.logicalAnd(numOverflows.isGreater(than: Double(constants.hysteresis) - 0.5))
      let larger = scale * constants.growth
      let smaller = (scale * constants.backoff).clamped(min: constants.minimum)
      let grown = larger.selecting(where: grows.logicalAnd(larger.isFinite()), else: scale)
      let zero = scale.zerosLike()
      return Change(
        scale: smaller.selecting(where: backsOff, else: grown),
        growthTracker: zero.selecting(where: overflow, else: zero.selecting(where: grows, else: numGood)),
        hysteresisTracker: zero.selecting(where: grows, else: numOverflows))
    }
  }

  /// Follows the outcome of a step by what `next` computed of it. Takes no memory.
  public func update(to change: Change) {
    withoutGrad {
      scale.copy_(change.scale)
      growthTracker.copy_(change.growthTracker)
      hysteresisTracker.copy_(change.hysteresisTracker)
    }
  }

  /// The next numbers of a scaler.
  public struct Change {
    let scale: Tensor
    let growthTracker: Tensor
    let hysteresisTracker: Tensor
  }

  /// The scaler's own tensors by name: clone them to keep them.
  public var state: StateDict {
    StateDict([
      (name: "scale", tensor: scale), (name: "growth_tracker", tensor: growthTracker),
      (name: "hysteresis_tracker", tensor: hysteresisTracker),
    ])
  }

  /// Takes over a state, copied into the scaler's own tensors.
  /// - Throws: `StateDictMismatch` if it is none of a scaler's.
  public func load(_ state: StateDict) throws { try self.state.overwrite(with: state) }
}
