import NN
public import Dataset
import Telemetry
public import Torch
public import VisionModels

/// Scores a model on a set.
public final class Evaluator {
  /// What is scored on; its sampler gives each sample once.
  public let loader: DataLoader
  private let transfer: DeviceTransfer
  private let autocast: DType?
  private let classes: [String]

  /// An evaluator over `loader`, whose classes are the model's.
  public init(loader: DataLoader, device: Device, autocast: DType? = nil) {
    self.loader = loader
    self.autocast = autocast
    transfer = DeviceTransfer(to: device)
    classes = loader.source.classes
  }

  /// Scores `model` as it is.
  /// - Parameters:
  ///   - progress: told after each batch how many samples it had.
  ///   - shouldStop: asked after each batch; true ends early with nil.
  /// - Throws: `DataLoaderError`, `TorchError`.
  public func callAsFunction(
    _ model: any ImageClassifier, progress: ((Int) -> Void)? = nil, shouldStop: () -> Bool = { false }
  ) throws -> EvaluationReport? {
    precondition(model.numClasses == classes.count, "\(model.numClasses) logits for \(classes.count) classes")
    let start = monotonicSeconds()
    var loss = Meter()
    var accuracy = Accuracy(topK: [1, 5])
    var confusion = ConfusionMatrix(classes: classes)
    var numNonFinite = 0
    let epoch = try loader.makeEpoch(0)
    while let batch = try epoch.next() {
      let targets = batch.labels.map(Int.init)
      let (logits, sum) = try recovering { score(transfer(batch), with: model) }
      loss.add(sum / Double(batch.count), weight: Double(batch.count))
      accuracy.add(logits: logits, targets: targets)
      for (row, target) in targets.enumerated() {
        let scores = logits[row * classes.count..<(row + 1) * classes.count]
        guard scores.allSatisfy(\.isFinite) else {
          numNonFinite += 1
          continue
        }
        let best = scores.indices.max { scores[$0] < scores[$1] }
        confusion.add(target: target, prediction: (best ?? scores.startIndex) - scores.startIndex)
      }
      progress?(batch.count)
      if shouldStop() {
        epoch.cancel()
        return nil
      }
    }
    return EvaluationReport(
      loss: loss.mean ?? .nan, top1: accuracy.percent(top: 1) ?? .nan, top5: accuracy.percent(top: 5) ?? .nan,
      confusion: confusion, numSamples: accuracy.numSamples, numBadSamples: loader.badSamples.count,
      numNonFinite: numNonFinite, seconds: monotonicSeconds() - start)
  }

  private func score(_ batch: DeviceBatch, with model: any ImageClassifier) -> (logits: [Float], lossSum: Double) {
    withoutGrad {
      let logits = withAutocast(to: autocast, on: batch.images.device) { model(batch.images, .inference) }
        .to(.float32)
      let sum = CrossEntropy(reduction: .sum)(logits, batch.labels)
      return (logits.array(Float.self), sum.item())
    }
  }
}
