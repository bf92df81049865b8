import TestSupport
import Testing
import Torch

@Suite struct CrossEntropyTests {
  @Test(arguments: [("hard", "target"), ("soft", "soft_target")], [0.0, 0.1])
  func isPyTorchs(_ kind: (name: String, target: String), _ smoothing: Double) throws {
    let fixture = try Fixture.load("losses")
    let prefix = "\(kind.name).\(smoothing)"
    let target = try #require(fixture[kind.target])
    let logits = try #require(fixture["logits"]).clone()
    logits.requiresGrad = true
    let loss = logits.crossEntropy(target, labelSmoothing: smoothing)
    loss.backward()
    expectClose(loss, fixture["\(prefix).loss"], tolerance: 1e-12)
    expectClose(logits.grad, fixture["\(prefix).grad"], tolerance: 1e-12)
    let each = logits.crossEntropy(target, labelSmoothing: smoothing, reduction: .none)
    expectClose(each, fixture["\(prefix).each"], tolerance: 1e-12)
    let sum = logits.crossEntropy(target, labelSmoothing: smoothing, reduction: .sum)
    expectClose(sum, each.sum(), tolerance: 1e-12)
    // The planted fault: another smoothing.
    #expect(
      maxRelativeDifference(logits.crossEntropy(target, labelSmoothing: smoothing + 0.01), loss.detach()) > 1e-4)
  }
}
