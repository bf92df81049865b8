import Dataset
import Foundation
import Telemetry
import TestSupport
import Testing
import Torch
import Training
import VisionModels

@testable import Recipes

/// Fresh pages cost a quarter of a step's time where an allocator gives its own back: in the steady state a step, a batch
/// of an evaluation and a batch of predictions bring next to none.
@Suite struct PageFaultTests {
  /// Page faults of one step or batch that are let pass: those of reading files and of writing records.
  private static let allowed = 100.0

  /// A model whose step takes some 100 MB of tensors, 25,000 pages.
  private static func options(_ fixture: RunFixture) -> RunOptions {
    fixture.options("run") {
      $0.model.imageSize = 96
      $0.model.embedDim = 192
      $0.model.depth = 3
      $0.model.numHeads = 3
      $0.data.batchSize = 16
      $0.training.epochs = 5
      $0.checkpoint.everySteps = nil
      $0.checkpoint.everyEpochs = 5
    }
  }

  @Test func aSteadyTrainingBringsNoNewPages() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture(numTrain: 160, numValidation: 64)
      var training: [Double] = []
      var evaluations: [Double] = []
      var (atStart, stepsAtStart) = (0, 0)
      let hook = EventHook { event in
        switch event {
        case .epochStart(let start): (atStart, stepsAtStart) = (ProcessMemory.pageFaults, start.step)
        case .evaluationStart(let start):
          training.append(Double(ProcessMemory.pageFaults - atStart) / Double(start.step - stepsAtStart))
          atStart = ProcessMemory.pageFaults
        case .evaluation: evaluations.append(Double(ProcessMemory.pageFaults - atStart) / 4)
        default: break
        }
        return .goOn
      }
      try fixture.train(PageFaultTests.options(fixture), hooks: [hook])
      precondition(training.count == 5 && evaluations.count == 5)
      // The count works: the first epoch had to bring its pages.
      precondition(training[0] > PageFaultTests.allowed, "\(training)")
      let steady = training[2...].max()!
      precondition(steady <= PageFaultTests.allowed, "\(training)")
      precondition(evaluations[2...].max()! <= PageFaultTests.allowed, "\(evaluations)")
    }
  }

  @Test func steadyPredictionsBringNoNewPages() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture(numTrain: 16, numValidation: 64)
      let options = PageFaultTests.options(fixture)
      try fixture.train(options)
      let folder = try fixture.set.folder("validation")
      let files = folder.samples.indices.map { folder.path(at: $0) }
      let predictor = try Predictor(checkpoint: options.out)
      // 32 batches; the counts are those at each image of the later half.
      let many = Array(repeating: files, count: 8).flatMap(\.self)
      var counts: [Int] = []
      try predictor.predict(many, batchSize: 16, workers: 1) { _ in counts.append(ProcessMemory.pageFaults) }
      let perBatch = Double(counts[many.count - 1] - counts[many.count / 2]) / 16
      precondition(perBatch <= PageFaultTests.allowed, "\(perBatch) page faults a batch")
    }
  }
}
