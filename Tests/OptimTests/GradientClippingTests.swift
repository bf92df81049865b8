import NN
import Optim
import TestSupport
import Testing
import Torch

@Suite struct GradientClippingTests {
  @Test(arguments: [("clip_small", 0.5), ("clip_large", 1e3)]) func isPyTorchs(_ name: String, _ limit: Double) throws {
    let toy = try Toy()
    toy.setGradients(0)
    let norm = GradientClipping.clip(toy.parameters, maxNorm: limit)
    expectClose(norm, toy.fixture["\(name).norm"], tolerance: 1e-12)
    expectClose(toy.a.grad, toy.fixture["\(name).a"], tolerance: 1e-12)
    expectClose(toy.b.grad, toy.fixture["\(name).b"], tolerance: 1e-12)
    // The planted fault: clipping each tensor by its own norm.
    if name == "clip_small" {
      toy.setGradients(0)
      for parameter in toy.parameters { GradientClipping.clip([parameter], maxNorm: limit) }
      #expect(maxRelativeDifference(toy.a.grad!, toy.fixture["\(name).a"]!) > 1e-3)
    }
  }

  @Test func theNormIsThatOfAllGradients() throws {
    let toy = try Toy()
    #expect(GradientClipping.globalNorm(toy.parameters) == nil)
    #expect(GradientClipping.clip(toy.parameters, maxNorm: 1) == nil)
    toy.setGradients(3)
    let before = toy.a.grad!.clone()
    let norm = try #require(GradientClipping.globalNorm(toy.parameters))
    let all = Tensor.concatenated(toy.parameters.map { $0.grad!.flatten() })
    expectClose(norm, all.norm(), tolerance: 1e-12)
    #expect(toy.a.grad!.isEqual(to: before))
    // A parameter without a gradient does not count.
    toy.b.grad = nil
    expectClose(GradientClipping.globalNorm(toy.parameters), before.norm(), tolerance: 1e-12)
  }

  @Test func infinitiesShowInTheNorm() throws {
    let toy = try Toy()
    toy.setGradients(0)
    toy.a.grad = toy.a.zerosLike() + .infinity
    let norm = try #require(GradientClipping.clip(toy.parameters, maxNorm: 1))
    #expect(!norm.item().isFinite)
  }
}
