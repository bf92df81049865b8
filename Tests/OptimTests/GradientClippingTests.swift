import NN
import Optim
import TestSupport
import Testing
import Torch

@Suite struct GradientClippingTests {
  @Test(arguments: [("clip_small", 0.5), ("clip_large", 1e3)]) func isPyTorchs(_ name: String, _ limit: Double) throws {
    let toy = try Toy()
    let groups = toy.groups
    toy.setGradients(0)
    let norm = GradientClipping.clip(groups, maxNorm: limit)
    expectClose(norm, toy.fixture["\(name).norm"], tolerance: 1e-12)
    expectClose(toy.a.grad, toy.fixture["\(name).a"], tolerance: 1e-12)
    expectClose(toy.b.grad, toy.fixture["\(name).b"], tolerance: 1e-12)
    // The same by a divisor.
    toy.setGradients(0)
    let divisor = GradientClipping.divisor(norm: GradientClipping.globalNorm(groups), maxNorm: limit)
    expectClose(toy.a.grad! / divisor, toy.fixture["\(name).a"], tolerance: 1e-12)
    // The planted fault: clipping each tensor by its own norm.
    if name == "clip_small" {
      let apart = toy.namedParameters.map { ParameterGroup([$0]) }
      toy.setGradients(0)
      for group in apart { GradientClipping.clip([group], maxNorm: limit) }
      #expect(maxRelativeDifference(toy.a.grad!, toy.fixture["\(name).a"]!) > 1e-3)
    }
  }

  @Test func theNormIsThatOfAllGradients() throws {
    let toy = try Toy()
    let groups = toy.groups
    #expect(GradientClipping.globalNorm(groups).item() == 0)
    toy.setGradients(3)
    let (a, b) = (toy.a.grad!.clone(), toy.b.grad!.clone())
    let all = Tensor.concatenated([a.flatten(), b.flatten()])
    expectClose(GradientClipping.globalNorm(groups), all.norm(), tolerance: 1e-12)
    #expect(toy.a.grad!.isEqual(to: a))
    // A gradient that was dropped does not count.
    toy.b.grad = nil
    expectClose(GradientClipping.globalNorm(groups), a.norm(), tolerance: 1e-12)
  }

  @Test func infinitiesShowInTheNorm() throws {
    let toy = try Toy()
    let groups = toy.groups
    toy.setGradients(0)
    toy.a.grad = toy.a.zerosLike() + .infinity
    #expect(!GradientClipping.clip(groups, maxNorm: 1).item().isFinite)
  }

  /// A norm of many numbers is exact to float32: a plain running sum in float32 is not.
  @Test func aLongNormIsExact() {
    let parameter = Tensor.zeros([3_000_001])
    let group = ParameterGroup([NamedTensor("long", parameter)])
    parameter.grad = Tensor.full([3_000_001], 0.1)
    let exact = (3_000_001.0 * Double(Float(0.1)) * Double(Float(0.1))).squareRoot()
    #expect(abs(GradientClipping.globalNorm([group]).item() / exact - 1) < 1e-6)
    // The planted fault: one sum over all.
    #expect(abs(parameter.grad!.norm().item() / exact - 1) > 1e-6)
  }
}
