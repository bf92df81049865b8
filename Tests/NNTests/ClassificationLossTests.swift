import NN
import TestSupport
import Testing
import Torch

/// Targets, losses and gradients of mixed batches against timm's.
@Suite struct ClassificationLossTests {
  static let cases = [
    "mixup_batch", "mixup_pair", "mixup_elem", "cutmix_batch", "cutmix_pair", "cutmix_elem", "cutmix_drawn_weight",
    "minmax_elem", "both_pair", "both_elem",
  ]
  private let fixture: StateDict
  private let labels: Tensor
  private let losses: [(name: String, loss: ClassificationLoss)] = [
    ("soft", ClassificationLoss(labelSmoothing: 0.1)),
    ("binary", ClassificationLoss(.binaryCrossEntropy(), labelSmoothing: 0.1)),
    ("binary_threshold", ClassificationLoss(.binaryCrossEntropy(targetThreshold: 0.2), labelSmoothing: 0.1)),
    ("binary_sum", ClassificationLoss(.binaryCrossEntropy(sumsClasses: true), labelSmoothing: 0.1)),
  ]

  init() throws {
    fixture = try Fixture.load("mixing")
    labels = fixture["labels"]!
  }

  /// timm's partners are the batch from its end.
  private func target(_ name: String) -> ClassTarget {
    ClassTarget(labels, mix: .init(labels: labels.flip([0]), weights: fixture["\(name).weights"]!))
  }

  private func gradient(_ loss: (Tensor) -> Tensor) -> (loss: Tensor, gradient: Tensor) {
    let logits = fixture["logits"]!.clone()
    logits.requiresGrad = true
    let value = loss(logits)
    value.backward()
    return (value, logits.grad!)
  }

  @Test(arguments: cases) func mixedTargetsAreTimms(_ name: String) {
    let target = target(name)
    expectClose(
      target.dense(numClasses: 5, labelSmoothing: 0.1), fixture["\(name).target"], tolerance: 1e-6, name)
    for (kind, loss) in losses {
      let (value, gradient) = gradient { loss($0, target) }
      expectClose(value, fixture["\(name).\(kind).loss"], tolerance: 1e-6, "\(name) \(kind)")
      expectClose(gradient, fixture["\(name).\(kind).grad"], tolerance: 1e-6, "\(name) \(kind)")
    }
  }

  @Test(arguments: cases) func probabilitiesGiveTheSame(_ name: String) {
    let rows = fixture["\(name).target"]!
    for (kind, loss) in [
      ("soft", { ClassificationLoss()($0, probabilities: rows) }),
      ("binary", { ClassificationLoss(.binaryCrossEntropy())($0, probabilities: rows) }),
      ("binary_threshold", { ClassificationLoss(.binaryCrossEntropy(targetThreshold: 0.2))($0, probabilities: rows) }),
      ("binary_sum", { ClassificationLoss(.binaryCrossEntropy(sumsClasses: true))($0, probabilities: rows) }),
    ] as [(String, (Tensor) -> Tensor)] {
      let (value, gradient) = gradient(loss)
      expectClose(value, fixture["\(name).\(kind).loss"], tolerance: 1e-12, "\(name) \(kind)")
      expectClose(gradient, fixture["\(name).\(kind).grad"], tolerance: 1e-12, "\(name) \(kind)")
    }
  }

  @Test func withoutMixing() {
    for (kind, loss) in losses where kind != "soft" {
      let (value, gradient) = gradient { loss($0, ClassTarget(labels)) }
      expectClose(value, fixture["plain.\(kind).loss"], tolerance: 1e-12, kind)
      expectClose(gradient, fixture["plain.\(kind).grad"], tolerance: 1e-12, kind)
    }
    // Labels alone are those of PyTorch's own cross-entropy, with and without smoothing.
    let logits = fixture["logits"]!
    for smoothing in [0.0, 0.1] {
      let whole = logits.crossEntropy(labels, labelSmoothing: smoothing)
      let loss = ClassificationLoss(labelSmoothing: smoothing)
      #expect(loss(logits, ClassTarget(labels)).isEqual(to: whole))
      // A sample whose partner counts nothing is as good as one without.
      let alone = ClassTarget.Mix(labels: labels.flip([0]), weights: Tensor.ones(labels.shape))
      expectClose(loss(logits, ClassTarget(labels, mix: alone)), whole, tolerance: 1e-12)
    }
  }

  /// Planted faults: the weights the wrong way round, the partners in the wrong order, another smoothing.
  @Test(arguments: ["mixup_elem", "cutmix_pair", "both_elem"]) func faultsShow(_ name: String) {
    let weights = fixture["\(name).weights"]!
    let expected = fixture["\(name).target"]!
    let faults = [
      ClassTarget(labels, mix: .init(labels: labels.flip([0]), weights: 1 - weights)),
      ClassTarget(labels, mix: .init(labels: labels.roll(1, dim: 0), weights: weights)), ClassTarget(labels),
    ]
    for fault in faults {
      #expect(maxRelativeDifference(fault.dense(numClasses: 5, labelSmoothing: 0.1), expected) > 1e-3)
      for (kind, loss) in losses where kind != "binary_threshold" {
        let (value, gradient) = gradient { loss($0, fault) }
        #expect(maxRelativeDifference(gradient, fixture["\(name).\(kind).grad"]!) > 1e-3, "\(kind)")
        #expect(maxRelativeDifference(value, fixture["\(name).\(kind).loss"]!) > 1e-5, "\(kind)")
      }
    }
    let unsmoothed = target(name).dense(numClasses: 5)
    #expect(maxRelativeDifference(unsmoothed, expected) > 1e-3)
  }

  @Test func guessesCountByTheWeights() {
    let logits = Tensor([9, 0, 0, 0, 9, 0, 0, 0, 9, 0, 9, 0] as [Float], shape: [4, 3])
    let own = Tensor([0, 0, 2, 1] as [Int])
    #expect(ClassTarget(own).numRight(logits).item() == 3)
    let mix = ClassTarget.Mix(
      labels: Tensor([1, 1, 2, 0] as [Int]), weights: Tensor([0.75, 0.875, 0.25, 0.5] as [Float]))
    // Own class; the partner's; both the same; own class.
    #expect(ClassTarget(own, mix: mix).numRight(logits).item() == 0.75 + 0.125 + 1 + 0.5)
  }

  @Test func halfPrecisionLogitsAreWidened() {
    let logits = fixture["logits"]!.to(.float16)
    for (kind, loss) in losses {
      let value = loss(logits, target("mixup_elem"))
      #expect(value.dtype == .float32)
      expectClose(value, loss(logits.to(.float64), target("mixup_elem")), tolerance: 1e-6, kind)
    }
  }
}
