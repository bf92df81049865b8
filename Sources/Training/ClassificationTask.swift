public import NN
import Telemetry
import Torch
public import VisionModels

/// Learning to name the class of an image.
public final class ClassificationTask: TrainingTask {
  /// Names logits by the classes' order.
  public let classes: [String]
  /// What is made small.
  public let loss: ClassificationLoss
  private let model: any ImageClassifier

  /// A task over a model with a logit for each class.
  public init(
    _ model: any ImageClassifier, classes: [String], loss: ClassificationLoss = ClassificationLoss()
  ) {
    precondition(model.numClasses == classes.count, "\(model.numClasses) logits for \(classes.count) classes")
    self.model = model
    self.classes = classes
    self.loss = loss
  }

  /// The model.
  public var module: any Module { model }

  /// The share of right first guesses.
  public let primary = PrimaryMetric("top1", isHigherBetter: true)

  /// By the shape of a Vision Transformer; nil for other models.
  public var flops: FLOPs? { (model as? VisionTransformer).map { FLOPs($0.config) } }

  /// The loss of a batch, mixed by the plan that came with it. Sums: `right`, the right first guesses; a mixed sample
  /// counts by its weights.
  public func loss(_ batch: DeviceBatch, _ context: ForwardContext) -> StepOutput {
    let (images, target) = batch.mixed()
    let logits = logits(images, context)
    return StepOutput(loss: loss(logits, target), sums: ["right": target.numRight(logits.detach())])
  }

  /// The cross-entropy without smoothing, right guesses, and the guess of each sample. A row with a logit that is not
  /// finite has no guess, and is wrong. Among equal logits the class with the lower index comes first.
  public func count(_ batch: DeviceBatch, _ context: ForwardContext) -> MetricSums {
    let logits = logits(batch.images, context)
    let labels = batch.labels.unsqueeze(1)
    let ofLabel = logits.gather(1, labels)
    let indices = Tensor.arange(0, classes.count, device: logits.device)
    let isBefore = logits.isGreater(than: ofLabel)
      .logicalOr(logits.equals(ofLabel).logicalAnd(indices.isLess(than: labels)))
    let rank = isBefore.to(.int64).sum([1])
    let hasGuess = logits.isFinite().all(1)
    func numWithin(_ k: Double) -> Tensor { rank.isLess(than: k).logicalAnd(hasGuess).to(.float64).sum() }
    let guess = logits.argmax(1).selecting(where: hasGuess, else: batch.labels.fullLike(-1))
    return MetricSums(
      [
        "loss": logits.crossEntropy(batch.labels, reduction: .sum).to(.float64), "top1": numWithin(1),
        "top5": numWithin(5),
      ], rows: ["guesses": Tensor.stacked([batch.labels, guess], dim: 1)])
  }

  /// `top1`, the share of right first guesses in percent.
  public func trainingMetrics(_ sums: [String: Double], numSamples: Int) -> [Metric] {
    sums["right"].map { [Metric("top1", 100 * $0 / Double(max(1, numSamples)))] } ?? []
  }

  /// `loss`, `top1` and `top5`, the shares in percent, and the confusion matrix.
  public func report(_ sums: MetricSums.Values, numSamples: Int) -> EvaluationReport {
    var confusion = ConfusionMatrix(classes: classes)
    var numNonFinite = 0
    let guesses = sums[rows: "guesses"]
    for row in stride(from: 0, to: guesses.count, by: 2) {
      if guesses[row + 1] < 0 {
        numNonFinite += 1
      } else {
        confusion.add(target: guesses[row], prediction: guesses[row + 1])
      }
    }
    let count = Double(numSamples)
    var report = EvaluationReport(
      metrics: [
        Metric("loss", sums.scalar("loss") / count), Metric("top1", 100 * sums.scalar("top1") / count),
        Metric("top5", 100 * sums.scalar("top5") / count),
      ], numSamples: numSamples)
    report.confusion = confusion
    report.numNonFinite = numNonFinite
    return report
  }

  private func logits(_ images: Tensor, _ context: ForwardContext) -> Tensor {
    withSpan("forward") { context.autocasting(on: images.device) { model(images, context) }.to(.float32) }
  }
}
