import Dataset
import Foundation
import NN
import Telemetry
import TestSupport
import Testing
import Torch
import VisionModels

@testable import Training

/// Every readable sample counts once, whatever the batches and the threads.
@Suite struct EvaluatorTests {
  /// Loss and accuracy, computed sample by sample.
  private func reference(_ fixture: StepFixture, _ model: VisionTransformer) throws -> (loss: Double, top1: Double) {
    let epoch = try fixture.loader("validation", batchSize: 1).makeEpoch(0)
    var (loss, numRight, count) = (0.0, 0, 0)
    while let batch = try epoch.next() {
      let label = Int(batch.labels[0])
      let logits = try withoutGrad { model(try DeviceTransfer(to: .cpu)(batch).images, .inference).doubles() }
      loss -= logits[label] - log(logits.reduce(0) { $0 + exp($1) })
      if logits.indices.max(by: { logits[$0] < logits[$1] }) == label { numRight += 1 }
      count += 1
    }
    return (loss / Double(count), 100 * Double(numRight) / Double(count))
  }

  @Test func eachSampleCountsOnce() throws {
    let fixture = try StepFixture(numTrain: 3, numValidation: 11)
    let model = StepFixture.model()
    let expected = try reference(fixture, model)
    var seen: [Int] = []
    for (batchSize, workers) in [(1, 0), (4, 0), (4, 3), (5, 1), (11, 2), (64, 2)] {
      let loader = try fixture.loader("validation", batchSize: batchSize, workers: workers)
      var numSeen = 0
      let report = try #require(
        try Evaluator(loader: loader, device: .cpu)(StepFixture.task(model), progress: { numSeen += $0 }))
      #expect(report.numSamples == 11 && numSeen == 11 && report.numBadSamples == 0)
      #expect(abs(report.loss - expected.loss) < 1e-5, "\(report.loss) \(expected.loss)")
      #expect(abs(report.top1 - expected.top1) < 1e-9 && report.top5 == 100)
      let matrix = try #require(report.confusion)
      #expect(matrix.rows.map { $0.reduce(0, +) } == [4, 4, 3])
      #expect((0..<3).reduce(0) { $0 + matrix.rows[$1][$1] } == Int((expected.top1 * 11 / 100).rounded()))
      seen.append(report.numSamples)
    }
    #expect(seen.count == 6)
  }

  @Test func badSamplesAreCountedAndNotScored() throws {
    let fixture = try StepFixture(numTrain: 3, numValidation: 11)
    try fixture.set.breakPixels("validation", at: 2)
    try fixture.set.breakHeader("validation", at: 9)
    let model = StepFixture.model()
    let expected = try reference(fixture, model)
    let loader = try fixture.loader("validation", batchSize: 4, workers: 2)
    // Twice: the second time they are known.
    for _ in 0..<2 {
      let report = try #require(try Evaluator(loader: loader, device: .cpu)(StepFixture.task(model)))
      #expect(report.numSamples == 9 && report.numBadSamples == 2)
      #expect(abs(report.loss - expected.loss) < 1e-5)
      #expect(report.confusion!.rows.joined().reduce(0, +) == 9)
    }
    let strict = try fixture.loader("validation", batchSize: 4, maximumBad: 0.1)
    #expect(throws: DataLoaderError.self) { try Evaluator(loader: strict, device: .cpu)(StepFixture.task(model)) }
  }

  @Test func anEvaluationCanBeStopped() throws {
    let fixture = try StepFixture()
    let evaluator = Evaluator(loader: try fixture.loader("validation", batchSize: 4, workers: 2), device: .cpu)
    var numBatches = 0
    let report = try evaluator(
      StepFixture.task(StepFixture.model()),
      shouldStop: {
        numBatches += 1
        return numBatches == 2
      })
    #expect(report == nil && numBatches == 2)
  }

  /// Autocast changes the numbers a little, and no sample.
  @Test func bfloat16() throws {
    let fixture = try StepFixture()
    let model = StepFixture.model()
    let loader = try fixture.loader("validation", batchSize: 4)
    let exact = try #require(try Evaluator(loader: loader, device: .cpu)(StepFixture.task(model)))
    let rough = try #require(try Evaluator(loader: loader, device: .cpu, autocast: .bfloat16)(StepFixture.task(model)))
    #expect(rough.numSamples == exact.numSamples && rough.loss != exact.loss)
    #expect(abs(rough.loss - exact.loss) < 0.02 * exact.loss)
  }

  /// An image whose logits are NaN or infinite has no guess: it counts as wrong, and as no class.
  @Test func logitsThatAreNotFiniteAreCounted() throws {
    /// Gives NaN for the first image of each batch, infinity for the second.
    final class Broken: ImageClassifier {
      let numClasses = 3
      func callAsFunction(_ images: Tensor, _ context: ForwardContext) -> Tensor {
        var logits: [Float] = (0..<images.size(0)).flatMap { _ in [1, 0, 0] as [Float] }
        logits.replaceSubrange(0..<6, with: [.nan, 0, 0, 1, .infinity, 0])
        return Tensor(logits, shape: [images.size(0), 3])
      }
      func visit(_ visitor: inout ParameterVisitor) {}
    }
    let fixture = try StepFixture(numTrain: 3, numValidation: 11)
    let loader = try fixture.loader("validation", batchSize: 4)
    let report = try #require(try Evaluator(loader: loader, device: .cpu)(StepFixture.task(Broken())))
    #expect(report.numSamples == 11 && report.numNonFinite == 6 && report.loss.isNaN)
    #expect(report.confusion!.rows.joined().reduce(0, +) == 5)
    #expect(report.nonFiniteText.contains("6 of 11 images"))
  }
}
