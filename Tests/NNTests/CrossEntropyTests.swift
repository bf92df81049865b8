import NN
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
    let loss = CrossEntropy(labelSmoothing: smoothing)(logits, target)
    loss.backward()
    expectClose(loss, fixture["\(prefix).loss"], tolerance: 1e-12)
    expectClose(logits.grad, fixture["\(prefix).grad"], tolerance: 1e-12)
    let each = CrossEntropy(labelSmoothing: smoothing, reduction: .none)(logits, target)
    expectClose(each, fixture["\(prefix).each"], tolerance: 1e-12)
    let sum = CrossEntropy(labelSmoothing: smoothing, reduction: .sum)(logits, target)
    expectClose(sum, each.sum(), tolerance: 1e-12)
    // The planted fault: another smoothing.
    #expect(
      maxRelativeDifference(CrossEntropy(labelSmoothing: smoothing + 0.01)(logits, target), loss.detach()) > 1e-4)
  }

  @Test func halfPrecisionLogitsAreWidened() throws {
    let fixture = try Fixture.load("losses")
    let logits = try #require(fixture["logits"]).to(.bfloat16)
    for target in [fixture["target"]!, fixture["soft_target"]!] {
      let loss = CrossEntropy()(logits, target)
      #expect(loss.dtype == .float32)
      expectClose(loss, CrossEntropy()(logits.to(.float64), target), tolerance: 1e-6)
    }
  }
}
