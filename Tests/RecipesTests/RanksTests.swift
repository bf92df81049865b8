import Checkpoint
import Dataset
import Foundation
import Optim
import Parallelism
import Settings
import TestSupport
import Testing
import Torch
import Training
import VisionModels

@testable import Recipes

/// Ranks that are threads of one process, over Gloo, train from real files like one process does.
@Suite struct RanksTests {
  /// 42 images: the last batch of an epoch has two, and of four ranks two have none of them. Everything that draws is on.
  private static func options(
    _ fixture: RunFixture, _ name: String, ranks: Int, _ change: (inout RunOptions) -> Void = { _ in }
  ) -> RunOptions {
    fixture.options(name) {
      $0.data.batchSize = 8 / ranks
      $0.training.epochs = 4
      $0.training.ema = .init()
      $0.training.ema?.decay = 0.9
      $0.training.clipNorm = 0.5
      $0.training.mixing = .init()
      $0.training.mixing?.mixupAlpha = 0.8
      $0.training.mixing?.cutmixAlpha = 1
      $0.optimizer = .init(SGD.Options())
      $0.training.lr = 0.05
      // Small buckets, so that there are several.
      $0.parallel.bucketMegabytes = 0.02
      change(&$0)
    }
  }

  /// Trains on so many ranks.
  @discardableResult
  private static func train(
    _ options: RunOptions, ranks: Int, resuming: Bool = false, stopAtStep: Int? = nil
  ) throws -> [RunEnd] {
    try ProcessGroup.withThreads(ranks) { group in
      var builder = RunBuilder(options)
      builder.group = group
      var numSteps = 0
      // The last rank alone is asked to stop.
      if group.rank == ranks - 1, let stopAtStep {
        builder.stopRequest = {
          numSteps += 1
          return numSteps == stopAtStep ? "the test" : nil
        }
      }
      return try (resuming ? builder.resume() : builder.build()).train()
    }
  }

  private static func tensors(_ run: String, _ file: String) throws -> StateDict {
    try SavedCheckpoint(path: "\(run)/checkpoints/last").tensors(file)
  }

  private static func expectAlike(_ run: String, _ other: String) throws {
    for file in ["model", "ema", "optimizer"] {
      let (a, b) = (try tensors(run, file), try tensors(other, file))
      #expect(Set(a.names) == Set(b.names))
      for entry in a.entries {
        let difference = maxRelativeDifference(b[entry.name]!.reshape(entry.tensor.shape), entry.tensor)
        #expect(difference < 1e-5, "\(file) \(entry.name) of \(other)")
      }
    }
    let losses = try [run, other].map { run in
      try metrics(run).filter { $0["event"] as? String == "step" }.compactMap { $0["loss"] as? Double }
    }
    #expect(losses[0].count == 24 && losses[0].count == losses[1].count)
    for (a, b) in zip(losses[0], losses[1]) { #expect(abs(a - b) < 1e-5) }
  }

  @Test("N ranks of batch B train like one of N * B", arguments: ["reversed", "permuted"])
  func likeOne(partner: String) async {
    await #expect(processExitsWith: .success) { [partner = partner as String] in
      let fixture = try RunFixture(numTrain: 42)
      func options(_ ranks: Int) -> RunOptions {
        RanksTests.options(fixture, "of\(ranks)", ranks: ranks) {
          $0.training.mixing?.partner = .init(rawValue: partner)!
          $0.training.mixing?.mode = .elem
        }
      }
      try fixture.train(options(1))
      for ranks in [2, 4] {
        let ends = try RanksTests.train(options(ranks), ranks: ranks)
        #expect(ends.map(\.step) == Array(repeating: 24, count: ranks))
        try RanksTests.expectAlike(options(1).out, options(ranks).out)
      }
    }
  }

  /// Each rank keeps its slice of the optimizer's state, of gradients, of values; the checkpoint is one of any number of
  /// ranks.
  @Test(
    "ZeRO trains like whole states",
    arguments: [
      ("adamw", 1, false), ("lamb", 1, false), ("sgd", 1, false), ("adamw", 2, false), ("lamb", 2, true),
      ("adamw", 3, true), ("lamb", 3, false), ("sgd", 3, false),
    ])
  func zero(optimizer: String, stage: Int, checkpoints: Bool) async {
    await #expect(processExitsWith: .success) {
      [optimizer = optimizer as String, stage = stage as Int, checkpoints = checkpoints as Bool] in
      let fixture = try RunFixture(numTrain: 42)
      func options(_ name: String, ranks: Int, zero: Int) -> RunOptions {
        RanksTests.options(fixture, name, ranks: ranks) {
          $0.training.lr = 2e-3
          $0.parallel.zero = zero
          $0.training.activationCheckpointing = checkpoints
          $0.model.depth = 4
          switch optimizer {
          case "adamw":
            $0.optimizer = .init(AdamW.Options())
            // Where a gradient is all but 0, the root of its square turns the last bit into a whole step.
            if var adamw = $0.optimizer.options as? AdamW.Options {
              adamw.eps = 1e-3
              $0.optimizer = .init(adamw)
            }
          case "lamb": $0.optimizer = .init(Lamb.Options())
          default: break
          }
        }
      }
      let (whole, cut) = (options("whole", ranks: 4, zero: 0), options("cut", ranks: 4, zero: stage))
      try RanksTests.train(whole, ranks: 4)
      try RanksTests.train(cut, ranks: 4)
      try RanksTests.expectAlike(whole.out, cut.out)
      let names = try FileManager.default.contentsOfDirectory(atPath: "\(cut.out)/checkpoints/last")
      #expect(names.filter { $0.hasPrefix("optimizer-") }.sorted().last == "optimizer-00004-of-00004.safetensors")
      // Stopped, and trained on by two ranks with whole states, then by three that share them.
      var changed = options("changed", ranks: 4, zero: stage)
      changed.training.mixing = nil
      var plain = options("plain", ranks: 4, zero: 0)
      plain.training.mixing = nil
      try RanksTests.train(plain, ranks: 4)
      try RanksTests.train(changed, ranks: 4, stopAtStep: 8)
      changed.parallel.zero = 0
      changed.data.batchSize = 4
      try RanksTests.train(changed, ranks: 2, resuming: true, stopAtStep: 5)
      changed.parallel.zero = stage
      try RanksTests.train(changed, ranks: 3, resuming: true)
      try RanksTests.expectAlike(plain.out, changed.out)
    }
  }

  /// The ranks write their files beside the training, and agree later that all are there.
  @Test func ranksThatShareTheStateSaveInTheBackground() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture(numTrain: 42)
      func options(_ name: String, _ isInBackground: Bool = true) -> RunOptions {
        RanksTests.options(fixture, name, ranks: 2) {
          $0.optimizer = .init(AdamW.Options())
          $0.training.lr = 2e-3
          $0.parallel.zero = 1
          $0.checkpoint.keep = 20
          $0.checkpoint.asynchronous = isInBackground
        }
      }
      try RanksTests.train(options("waits", false), ranks: 2)
      let trace = try RunTrace(options("waits").out)
      #expect(trace.files.keys.filter { $0.hasPrefix("optimizer-") }.count == 2)
      try RanksTests.train(options("whole"), ranks: 2)
      try expectSame(options("whole").out, trace)
      let ends = try RanksTests.train(options("stopped"), ranks: 2, stopAtStep: 7)
      #expect(ends[0].step == ends[1].step && ends[0].step < 24)
      try RanksTests.train(options("stopped"), ranks: 2, resuming: true)
      try expectSame(options("stopped").out, trace)
      let stores = ["waits", "whole"].map { CheckpointStore(folder: "\(options($0).out)/checkpoints") }
      #expect(stores[0].steps() == stores[1].steps() && stores[0].steps().count == 12)
    }
  }

  /// Stages that keep no whole gradients add up those of every pass.
  @Test(arguments: [0, 2, 3]) func accumulation(zero: Int) async {
    await #expect(processExitsWith: .success) { [zero = zero as Int] in
      let fixture = try RunFixture(numTrain: 42)
      // Two batches of four in place of one of eight; without mixing, which is within a batch.
      func options(_ ranks: Int) -> RunOptions {
        RanksTests.options(fixture, "of\(ranks)", ranks: 2 * ranks) {
          $0.training.accumulation = 2
          $0.training.mixing = nil
          $0.parallel.zero = zero
        }
      }
      try fixture.train(options(1))
      try RanksTests.train(options(2), ranks: 2)
      try RanksTests.expectAlike(options(1).out, options(2).out)
    }
  }

  /// A run that goes on with fewer or more ranks keeps its step, its samples and their order.
  @Test func anotherNumberOfRanks() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture(numTrain: 42)
      func options(_ name: String, ranks: Int) -> RunOptions {
        RanksTests.options(fixture, name, ranks: ranks) { $0.training.mixing = nil }
      }
      try fixture.train(options("whole", ranks: 1))
      // Two ranks of four, stopped within an epoch; then one of four, that accumulates; then three, of three at most.
      var settings = options("changed", ranks: 2)
      #expect(try RanksTests.train(settings, ranks: 2, stopAtStep: 9)[0].step < 24)
      let store = CheckpointStore(folder: "\(settings.out)/checkpoints")
      #expect(try store.newestWhole { try $0.state(TrainState.self).stepSize } == 8)
      let middle = try RanksTests.train(settings, ranks: 1, resuming: true, stopAtStep: 6)
      #expect(middle[0].step < 24)
      let state = try #require(try store.newestWhole { try $0.state(TrainState.self) })
      #expect(state.numRanks == 1 && state.stepSize == 8 && state.loader.batchSize == 4)
      settings.data.batchSize = 3
      try RanksTests.train(settings, ranks: 3, resuming: true)
      try RanksTests.expectAlike(options("whole", ranks: 1).out, settings.out)
    }
  }

  /// A stop that one rank is asked for is one of all, and changes nothing of what follows.
  @Test func aStopOfOneRank() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture(numTrain: 42)
      func options(_ name: String) -> RunOptions { RanksTests.options(fixture, name, ranks: 2) }
      try RanksTests.train(options("whole"), ranks: 2)
      let trace = try RunTrace(options("whole").out)
      for stop in [1, 3, 7, 12] {
        let run = options("stopped\(stop)")
        let ends = try RanksTests.train(run, ranks: 2, stopAtStep: stop)
        #expect(ends[0].step == ends[1].step && ends[0].step < 24)
        for end in ends {
          #expect(end.status == .interrupted("the test") || end.status == .interrupted("another rank"))
        }
        try RanksTests.train(run, ranks: 2, resuming: true)
        #expect(try RunTrace(run.out) == trace)
      }
    }
  }

  @Test func ranksThatDifferAreRefused() async {
    await #expect(processExitsWith: .success) {
      let (fixture, other) = (try RunFixture(numTrain: 24), try RunFixture(numTrain: 27))
      for what in ["config.yaml", "set of training images"] {
        let options = RanksTests.options(fixture, "different", ranks: 2)
        let path = other.set.path
        let outcomes = try ProcessGroup.outcomesOfThreads(2) { group -> RunEnd in
          var own = options
          if group.rank == 1, what == "config.yaml" { own.training.lr = 1 }
          if group.rank == 1, what == "set of training images" { own.data.path = path }
          var builder = RunBuilder(own)
          builder.group = group
          return try builder.build().train()
        }
        for outcome in outcomes {
          let error = #expect(throws: CollectiveError.self) { try outcome.get() }
          guard case .different(rank: 1, let found, _, _) = error else {
            Issue.record("\(String(describing: error))")
            continue
          }
          #expect(found == what)
        }
      }
    }
  }

  /// A sample that cannot be read is left out on whichever rank it lies, and known to all.
  @Test func badSamplesAreKnownToAll() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture(numTrain: 42)
      try fixture.set.breakPixels("train", at: 3)
      try fixture.set.breakPixels("train", at: 30)
      let options = RanksTests.options(fixture, "bad", ranks: 2) { $0.data.maximumBadFraction = 0.5 }
      try RanksTests.train(options, ranks: 2)
      let state = try SavedCheckpoint(path: "\(options.out)/checkpoints/last").state(TrainState.self)
      #expect(state.loader.badSamples.map(\.sampleIndex) == [3, 30])
      let listed = try String(contentsOfFile: "\(options.out)/bad_samples.jsonl", encoding: .utf8)
      #expect(listed.split(separator: "\n").count == 2)
    }
  }
}

@Suite struct StepShapeTests {
  @Test func aStepIsKeptInAsFewBatchesAsFit() {
    func shape(_ numSamples: Int, _ batchSize: Int, _ numRanks: Int) -> [Int] {
      let shape = StepShape(keeping: numSamples, batchSize: batchSize, numRanks: numRanks)
      return [shape.batchSize, shape.accumulation]
    }
    #expect(shape(32, 8, 4) == [32, 1])
    #expect(shape(32, 8, 2) == [16, 2])
    #expect(shape(32, 8, 8) == [32, 1])
    // Three ranks of eight take 24 at most: two batches of 16, of five or six each.
    #expect(shape(32, 8, 3) == [16, 2])
    #expect(shape(7, 2, 1) == [1, 7])
    #expect(StepShape(batchSize: 8, accumulation: 3, numRanks: 2).numSamples == 48)
  }
}
