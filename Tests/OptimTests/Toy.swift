import NN
import Optim
import TestSupport
import Torch

/// The two free-standing parameters of the optimizer fixture.
final class Toy: Module {
  var a: Tensor
  var b: Tensor
  let fixture: StateDict

  init(dtype: DType = .float64) throws {
    fixture = try Fixture.load("optimizers")
    a = fixture["start.a"]!.to(dtype).clone()
    b = fixture["start.b"]!.to(dtype).clone()
    a.requiresGrad = true
    b.requiresGrad = true
  }

  func visit(_ visitor: inout ParameterVisitor) {
    visitor.parameter("a", &a)
    visitor.parameter("b", &b)
  }

  /// Sets the fixture's gradients of a step.
  func setGradients(_ step: Int) {
    a.grad = fixture["gradients.a"]!.select(0, step).to(a.dtype).clone()
    b.grad = fixture["gradients.b"]!.select(0, step).to(b.dtype).clone()
  }

  /// The factor of the learning rate at a step.
  func rate(_ step: Int) -> Double { fixture["rates"]!.select(0, step).item() }

  var groups: [ParameterGroup] { ParameterGroups.of(self, exemptingFromDecay: false) }
}
