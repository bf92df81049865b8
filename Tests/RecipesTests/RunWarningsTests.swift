import Foundation
import Optim
import Preprocessing
import Settings
import TestSupport
import Testing
import Training
import VisionModels

@testable import Recipes

/// Each warning comes where it should, alone, and none comes on a run that makes sense.
@Suite struct RunWarningsTests {
  /// The warnings of a run over 640 images in 20 batches of 32, for 10 epochs, with changes.
  private func warnings(numTrain: Int = 640, _ change: (inout RunOptions) -> Void = { _ in }) -> [String] {
    var options = RunOptions()
    options.data.batchSize = 32
    options.training.epochs = 10
    change(&options)
    let numBatches = (numTrain + options.data.batchSize - 1) / options.data.batchSize
    let stepsPerEpoch = (numBatches + options.training.accumulation - 1) / options.training.accumulation
    let schedule = options.schedule.options.schedule(
      base: 1, length: options.training.scheduledLength(stepsPerEpoch: stepsPerEpoch))
    return RunWarnings(
      options: options,
      shape: StepShape(
        batchSize: options.data.batchSize, accumulation: options.training.accumulation, numRanks: 1),
      numTrain: numTrain, numBatches: numBatches, stepsPerEpoch: stepsPerEpoch, schedule: schedule
    ).lines
  }

  @Test func noneWhereAllIsWell() {
    #expect(warnings() == [])
    #expect(
      warnings {
        $0.schedule = .init(MultiStepCurve())
        $0.schedule.warmupSteps = 99
        $0.training.accumulation = 2
      } == [])
    #expect(
      warnings {
        $0.training.epochs = nil
        $0.training.maxSteps = 50
        $0.schedule.warmupEpochs = 2
      } == [])
    // Ten steps are enough, and a batch of all images is none too large.
    #expect(warnings(numTrain: 320) == [])
    #expect(warnings { $0.training.maxSteps = 200 } == [])
  }

  @Test func fewSteps() {
    let lines = warnings(numTrain: 288)
    #expect(lines.count == 1)
    #expect(lines.first?.hasPrefix("an epoch has only 9 optimizer steps (288 images in batches of 32)") == true)
    let accumulated = warnings { $0.training.accumulation = 3 }
    #expect(accumulated.count == 1)
    #expect(accumulated.first?.contains("an epoch has only 7 optimizer steps") == true)
    #expect(accumulated.first?.contains(", 3 to a step") == true)
  }

  @Test func aBatchLargerThanTheSet() {
    let lines = warnings(numTrain: 31)
    #expect(lines.count == 2)
    #expect(lines.first?.contains("a batch of 32 is larger than the 31 training images") == true)
    #expect(!warnings(numTrain: 32).contains { $0.contains("larger") })
  }

  @Test func accumulationOverTheEpoch() {
    let lines = warnings { $0.training.accumulation = 21 }
    #expect(lines.first?.contains("training.accumulation is 21, but an epoch has 20 batches") == true)
    #expect(lines.count == 2)
    #expect(!warnings { $0.training.accumulation = 20 }.contains { $0.contains("training.accumulation is") })
  }

  @Test func aWarmupAsLongAsTheRun() {
    let bySteps = warnings { $0.schedule.warmupSteps = 200 }
    #expect(bySteps.count == 1)
    #expect(bySteps.first?.contains("takes 200 steps, and the run ends after 200: make schedule.warmup_steps") == true)
    // Epochs cannot be compared with steps before the images are known.
    let byEpochs = warnings {
      $0.training.epochs = nil
      $0.training.maxSteps = 50
      $0.schedule.unit = .epoch
      $0.schedule.warmupEpochs = 3
    }
    #expect(byEpochs.count == 1)
    #expect(byEpochs.first?.contains("takes 60 steps, and the run ends after 50: make schedule.warmup_epochs") == true)
  }

  @Test func aRunThatIsNotAsLongAsItsSchedule() {
    let cut = warnings { $0.training.maxSteps = 199 }
    #expect(cut.count == 1)
    #expect(cut.first?.contains("ends after 199 of the 200 steps that its schedule spans") == true)
    let longer = warnings { $0.training.maxSteps = 201 }
    #expect(longer.count == 1)
    #expect(longer.first?.contains("training.max_steps is 201, but the run ends after the 200 steps") == true)
  }

  @Test func aFallThatNeverComes() throws {
    let lines = warnings {
      var options = MultiStepCurve()
      options.milestones = [100, 200]
      $0.schedule = .init(options)
    }
    #expect(
      lines == ["schedule.milestones is 200, but the schedule ends after 200 steps: the rate does not fall there"])
    let behind = warnings {
      var options = MultiStepCurve()
      options.milestones = [100, 180]
      options.warmupPrefix = true
      $0.schedule = .init(options)
      $0.schedule.warmupSteps = 20
    }
    #expect(
      behind == [
        "schedule.milestones is 180, but the schedule ends after 180 steps behind the warm-up: the rate does not fall there"
      ])
  }

  @Test func weightsThatWereTrainedOtherwise() {
    var options = RunOptions()
    let now = ImagePreprocessing()
    #expect(RunWarnings.differences(of: now, from: nil, options: options) == [])
    #expect(RunWarnings.differences(of: now, from: now, options: options) == [])
    var former = ImagePreprocessing(size: 384, statistics: .imageNet)
    former.interpolation = .bilinear
    let lines = RunWarnings.differences(of: now, from: former, options: options)
    #expect(lines.count == 4)
    #expect(lines[0].contains("images of size 384, this run takes 224: set model.image_size to 384, or to 224"))
    #expect(lines[1].contains("interpolation bilinear, this run takes bicubic: set preprocessing.interpolation"))
    #expect(lines[2].contains("mean [0.485, 0.456, 0.406], this run takes [0.5, 0.5, 0.5]: set preprocessing.mean"))
    #expect(lines[3].contains("set preprocessing.std to [0.229, 0.224, 0.225]"))
    // Whoever asks for it means it.
    options.model.imageSize = 224
    options.preprocessing.mean = now.mean
    options.preprocessing.std = now.std
    options.preprocessing.interpolation = .bicubic
    #expect(RunWarnings.differences(of: now, from: former, options: options) == [])
  }

  /// The lines reach whoever starts or plans a run; a run from weights compares with their checkpoint.
  @Test func aPlanSaysThem() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      func notes(_ options: RunOptions) throws -> [String] {
        var notes: [String] = []
        var builder = RunBuilder(options)
        builder.note = { notes.append($0) }
        _ = try builder.plan()
        return notes
      }
      let first = fixture.options("first") {
        $0.training.epochs = 1
        $0.preprocessing.mean = [0.1, 0.2, 0.3]
        $0.data.batchSize = 4
      }
      #expect(try notes(first) == [])
      try fixture.train(first)
      let next = fixture.options("next") {
        $0.model.weights = first.out
        $0.data.batchSize = 4
        $0.schedule.warmupSteps = 900
      }
      let lines = try notes(next)
      #expect(lines.count == 2)
      #expect(lines.contains { $0.contains("trained with mean [0.1, 0.2, 0.3], this run takes [0.5, 0.5, 0.5]") })
      #expect(lines.contains { $0.contains("the warm-up takes 900 steps") })
    }
  }
}
