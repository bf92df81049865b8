public import NN
public import Torch

/// Compares a module's forward and backward pass with reference tensors.
public struct ModuleCheck {
  /// A tensor that is not as it should be.
  public struct Fault: CustomStringConvertible {
    /// The tensor's name in the reference.
    public let name: String
    /// Its `maxRelativeDifference`; infinite where it was not computed at all.
    public let difference: Double
    /// Name and difference.
    public var description: String { "\(name): \(difference)" }
  }

  /// Every tensor that differs by more than the tolerance.
  public let faults: [Fault]
  /// The tensors compared.
  public let numCompared: Int
}

/// Runs a module and compares it with a reference that holds `logits`, `loss`, intermediates as `out.NAME` and the
/// gradient of every parameter as `grad.NAME`; other names are ignored.
///
/// - Parameters:
///   - module: the module, whose gradients are replaced.
///   - reference: the reference tensors.
///   - tolerance: the largest `maxRelativeDifference` that passes.
///   - forward: runs the module in a context that records, and returns logits and loss.
public func checkModule(
  _ module: any Module, reference: StateDict, tolerance: Double,
  forward: (ForwardContext) -> (logits: Tensor, loss: Tensor)
) -> ModuleCheck {
  let recorder = IntermediateRecorder()
  module.zeroGrad()
  let (logits, loss) = forward(ForwardContext(isTraining: true, recorder: recorder))
  loss.backward()
  var actual = recorder.outputs.adding(prefix: "out.")
  for parameter in module.namedParameters {
    if let gradient = parameter.tensor.grad { actual["grad.\(parameter.name)"] = gradient }
  }
  actual["logits"] = logits
  actual["loss"] = loss

  let compared = reference.entries.filter {
    $0.name == "logits" || $0.name == "loss" || $0.name.hasPrefix("out.") || $0.name.hasPrefix("grad.")
  }
  var faults: [ModuleCheck.Fault] = []
  for entry in compared {
    let difference = actual[entry.name].map { maxRelativeDifference($0, entry.tensor) } ?? .infinity
    if !(difference <= tolerance) { faults.append(.init(name: entry.name, difference: difference)) }
  }
  // A parameter without a reference would otherwise go unchecked.
  for parameter in module.namedParameters where parameter.tensor.requiresGrad {
    let name = "grad.\(parameter.name)"
    if reference[name] == nil { faults.append(.init(name: name, difference: .infinity)) }
  }
  return ModuleCheck(faults: faults, numCompared: compared.count)
}
