import Checkpoint
import Dataset
import Foundation
import Optim
import Settings
import TestSupport
import Testing
import Torch
import Training

@testable import Recipes

/// A run that is stopped anywhere and resumed ends with the same bits as one that is not.
@Suite struct ResumeTests {
  /// Stops a run once at every place where it asks: before the first step, after each step, the last of an epoch too,
  /// and after each batch of an evaluation.
  @Test func aStopAtAnyPlaceChangesNoBit() async {
    await #expect(processExitsWith: .success) {
      try ResumeTests.sweep { $0.training.ema = .init() }
    }
  }

  /// Three batches a step and a tail of two, with everything that has a state.
  @Test func accumulationWithATail() async {
    await #expect(processExitsWith: .success) {
      try ResumeTests.sweep {
        $0.data.batchSize = 6
        $0.training.accumulation = 3
        $0.training.ema = .init()
        $0.training.ema?.warmup = true
        $0.training.labelSmoothing = 0.1
        $0.schedule.warmupEpochs = 0.5
      }
    }
  }

  /// Three batches a step; the last two of an epoch are thrown away.
  @Test func accumulationThatDropsItsTail() async {
    await #expect(processExitsWith: .success) {
      try ResumeTests.sweep {
        $0.data.batchSize = 6
        $0.training.accumulation = 3
        $0.training.accumulationTail = .drop
      }
    }
  }

  /// Memory that runs out in a step, or in an evaluation of the average, ends a run with an error and saves nothing; what
  /// was saved before is trained on from.
  @Test func memoryThatRunsOut() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      func options(_ name: String) -> RunOptions { fixture.options(name) { $0.training.ema = .init() } }
      let whole = options("whole")
      try fixture.train(whole)
      let trace = try RunTrace(whole.out)
      let places: [(String, request: Int, (TrainingEvent) -> Bool)] = [
        ("step", 150, { if case .stepStart(4) = $0 { true } else { false } }),
        ("copy", 2, { if case .evaluationStart = $0 { true } else { false } }),
        ("evaluation", 60, { if case .evaluationStart = $0 { true } else { false } }),
      ]
      for (name, request, isPlace) in places {
        let failing = options(name)
        let hook = EventHook { event in
          if isPlace(event) { MemoryFailure.atRequest(request) }
          return .goOn
        }
        let error = #expect(throws: TorchError.self) { try fixture.train(failing, hooks: [hook]) }
        #expect("\(error!)".hasPrefix("out of memory"))
        let saved = try FileManager.default.contentsOfDirectory(atPath: "\(failing.out)/checkpoints")
        let newest = saved.filter { $0.hasPrefix("step-") }.max()
        #expect(newest == (name == "step" ? "step-00000002" : "step-00000004"))
        try fixture.train(failing, resuming: true)
        try expectSame(failing.out, trace, name)
      }
    }
  }

  @Test func bfloat16() async {
    await #expect(processExitsWith: .success) {
      try ResumeTests.chain {
        $0.precision = .bfloat16
        $0.training.ema = .init()
      }
    }
  }

  /// Mixing by sample, repeated images and binary targets, with accumulation.
  @Test func mixingAndRepeats() async {
    await #expect(processExitsWith: .success) {
      try ResumeTests.sweep {
        $0.data.batchSize = 6
        $0.data.augmentation.repeats = 3
        $0.training.accumulation = 3
        $0.training.loss = .binaryCrossEntropy
        $0.training.mixing = .init()
        $0.training.mixing?.mixupAlpha = 0.8
        $0.training.mixing?.cutmixAlpha = 1
        $0.training.mixing?.mode = .elem
        $0.training.mixing?.offEpoch = 1
      }
    }
  }

  /// The factor of the loss overflows at first, and grows every third step after that.
  @Test(.enabled(if: supportsAutocast(to: .float16, on: .cpu))) func float16() async {
    await #expect(processExitsWith: .success) {
      try ResumeTests.chain {
        $0.precision = .float16
        $0.training.ema = .init()
        $0.training.lossScale = .init(.colossal)
        $0.training.lossScale?.initial = 0x1p34
        $0.training.lossScale?.interval = 3
      }
    }
  }

  @Test func otherOptimizers() async {
    await #expect(processExitsWith: .success) {
      try ResumeTests.chain {
        var sgd = SGD.Options()
        sgd.nesterov = true
        $0.optimizer = Tagged(sgd)
        $0.schedule.unit = .epoch
      }
      try ResumeTests.chain { $0.optimizer = Tagged(Adam.Options()) }
    }
  }

  /// Steps that leave no checkpoint behind them are made again.
  @Test func aRunThatDiesBetweenCheckpoints() async {
    await #expect(processExitsWith: .success) {
      struct Death: Error {}
      let fixture = try RunFixture()
      try fixture.train(fixture.options("whole"))
      let whole = try RunTrace("\(fixture.folder)/whole")
      for step in 1...12 {
        let options = fixture.options("died-\(step)")
        let death = EventHook { event in
          if case .step(let report) = event, report.step == step { throw Death() }
          return .goOn
        }
        #expect(throws: Death.self) { try fixture.train(options, hooks: [death]) }
        try fixture.train(options, resuming: true)
        try expectSame(options.out, whole, "died in step \(step)")
      }
    }
  }

  /// How many threads load, and how far ahead, may change.
  @Test func otherWorkers() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      try fixture.set.breakPixels("train", at: 7)
      try fixture.set.breakPixels("validation", at: 2)
      let tolerant: (inout RunOptions) -> Void = { $0.data.maximumBadFraction = 0.2 }
      try fixture.train(fixture.options("whole", tolerant))
      let whole = try RunTrace("\(fixture.folder)/whole")
      var options = fixture.options("parts", tolerant)
      for (workers, call) in [(0, 4), (3, 6), (1, 5)] {
        options.data.workers = workers
        try fixture.train(options, resuming: true, stopAtCall: call)
      }
      options.data.workers = 4
      options.data.prefetch = 1
      #expect(try fixture.train(options, resuming: true).status == .completed)
      try expectSame(options.out, whole)
    }
  }

  /// A run that its number of steps cuts goes on with a larger number.
  @Test func aRunCutByItsNumberOfSteps() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      try fixture.train(fixture.options("whole"))
      let whole = try RunTrace("\(fixture.folder)/whole")
      var options = fixture.options("cut") { $0.training.maxSteps = 4 }
      let cut = try fixture.train(options)
      #expect(cut.status == .completed && cut.step == 4 && cut.epoch == 0)
      #expect(try metrics(options.out).filter { $0["event"] as? String == "epoch" }.count == 1)
      // Resumed without anything left to do, it keeps its records.
      try fixture.train(options, resuming: true)
      #expect(try metrics(options.out).filter { $0["event"] as? String == "epoch" }.count == 1)
      options.training.maxSteps = nil
      try fixture.train(options, resuming: true)
      let trace = try RunTrace(options.out)
      #expect(trace.differences(from: whole).filter { !["best", "state"].contains($0) } == [])
    }
  }

  /// The comparison itself: faults of a resumption show.
  @Test func plantedFaultsAreFound() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      try fixture.train(fixture.options("whole"))
      let whole = try RunTrace("\(fixture.folder)/whole")
      func differences(_ name: String, _ plant: (String) throws -> Void) throws -> [String] {
        let options = fixture.options(name)
        try fixture.train(options, stopAtCall: 4)
        try plant(options.out)
        try fixture.train(options, resuming: true)
        return try RunTrace(options.out).differences(from: whole)
      }
      #expect(try differences("none") { _ in } == [])
      #expect(try differences("copy") { try forge($0) } == [])
      let position = try differences("position") { try forge($0) { $0.loader.nextBatch += 1 } }
      #expect(position.contains("model.safetensors") && position.contains("records"))
      // The sums change what is told of an epoch, and no weight.
      let sums = try differences("sums") { try forge($0) { $0.epochSums = [:] } }
      #expect(sums == ["records"])
      let optimizer = try differences("optimizer") {
        try forge(
          $0, tensors: ["optimizer": { StateDict($0.entries.map { (name: $0.name, tensor: $0.tensor.zerosLike()) }) }])
      }
      #expect(optimizer.contains("model.safetensors"))
    }
  }

  /// A damaged newest checkpoint is named and passed over: the run makes its steps again, to the same bits.
  @Test func aDamagedCheckpointIsPassedOver() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let ema: (inout RunOptions) -> Void = { $0.training.ema = .init() }
      try fixture.train(fixture.options("whole", ema))
      let whole = try RunTrace("\(fixture.folder)/whole")
      for file in ["model.safetensors", "ema.safetensors", "optimizer.safetensors", "state.json"] {
        let options = fixture.options("damaged-\(file)", ema)
        try fixture.train(options, stopAtCall: 6)
        let damaged = "\(options.out)/checkpoints/step-00000005"
        try flipBit("\(damaged)/\(file)")
        var builder = RunBuilder(options)
        var warnings: [String] = []
        builder.warn = { warnings.append($0) }
        #expect(throws: CheckpointError.self) { try builder.resume(from: damaged) }
        let run = try builder.resume()
        #expect(warnings.count == 1 && warnings.first?.contains("step-00000005/\(file)") == true, "\(warnings)")
        #expect(try run.train().status == .completed)
        try expectSame(options.out, whole, "\(file)")
        let records = try metrics(options.out).filter { $0["event"] as? String == "warning" }
        #expect(records.contains { $0["message"] as? String == warnings.first })
      }
    }
  }

  /// Settings that nobody changes stay those of the run; the former ones are kept.
  @Test func theSettingsOfEachStartStay() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = fixture.options("run")
      try fixture.train(options)
      func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(options.out)/\(name)", encoding: .utf8)
      }
      func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: options.out).filter { $0.hasPrefix("config") }.sorted()
      }
      let first = try text("config.yaml")
      // The folder may have moved, and a relative path of the images may lead nowhere from here.
      var found = try RunSettings.find(options.out)
      #expect(found == options)
      try fixture.train(found, resuming: true)
      #expect(try names() == ["config.yaml"] && text("config.yaml") == first)
      found.training.epochs = 3
      found.training.lr = 1e-3
      var notes: [String] = []
      var builder = RunBuilder(found)
      builder.note = { notes.append($0) }
      #expect(try builder.resume().train().epoch == 3)
      #expect(notes.contains { $0.contains("training.epochs: 2 -> 3; training.lr: 0.002 -> 0.001") }, "\(notes)")
      #expect(try names() == ["config-0001.yaml", "config.yaml"] && text("config-0001.yaml") == first)
      #expect(try RunSettings.find(options.out).training.epochs == 3)
      #expect(try RunSettings.find("\(options.out)/checkpoints/last").training.epochs == 3)
      found.training.epochs = 4
      try fixture.train(found, resuming: true)
      #expect(try names() == ["config-0001.yaml", "config-0002.yaml", "config.yaml"])
      #expect(try text("config-0001.yaml") == first)
    }
  }

  private static func sweep(_ change: @escaping (inout RunOptions) -> Void) throws {
    let fixture = try RunFixture()
    var numCalls = 0
    var builder = RunBuilder(fixture.options("whole", change))
    builder.stopRequest = {
      numCalls += 1
      return nil
    }
    let end = try builder.build().train()
    let whole = try RunTrace("\(fixture.folder)/whole")
    #expect(end.status == .completed && whole.records.count == end.step + 2)
    // One at the start, one after each step, and two batches in each of two evaluations.
    let evaluations = 2 * ((14 + builder.options.data.batchSize - 1) / builder.options.data.batchSize)
    #expect(numCalls == 1 + end.step + evaluations)
    for call in 1...numCalls {
      let options = fixture.options("stopped-\(call)", change)
      let stopped = try fixture.train(options, stopAtCall: call)
      #expect(stopped.status == .interrupted("the test"))
      let resumed = try fixture.train(options, resuming: true)
      #expect(resumed.status == .completed && resumed.step == end.step)
      try expectSame(options.out, whole, "stopped at call \(call)")
      try FileManager.default.removeItem(atPath: options.out)
    }
  }

  /// Stops a run again and again.
  private static func chain(_ change: @escaping (inout RunOptions) -> Void) throws {
    let fixture = try RunFixture()
    try fixture.train(fixture.options("whole", change))
    let whole = try RunTrace("\(fixture.folder)/whole")
    let options = fixture.options("parts", change)
    var numStarts = 1
    var end = try fixture.train(options, stopAtCall: 4)
    while end.status != .completed, numStarts < 20 {
      end = try fixture.train(options, resuming: true, stopAtCall: 4)
      numStarts += 1
    }
    #expect(end.status == .completed && numStarts > 4)
    try expectSame(options.out, whole)
  }

  /// What the settings add starts anew, what they remove is dropped; a line says so, and the run goes on.
  @Test func whatStartsAnewIsSaid() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      func sgd(_ momentum: Double) -> Tagged<OptimizerRegistry> {
        var options = SGD.Options()
        options.momentum = momentum
        return Tagged(options)
      }
      var options = fixture.options("run") {
        $0.training.epochs = 1
        $0.optimizer = sgd(0)
      }
      try fixture.train(options)
      func lines(_ change: (inout RunOptions) -> Void) throws -> [String] {
        options.training.epochs! += 1
        change(&options)
        var builder = RunBuilder(options)
        var lines: [String] = []
        builder.note = { lines.append($0) }
        #expect(try builder.resume().train().status == .completed)
        return lines.filter { $0.contains("starts anew") || $0.contains("is dropped") }
      }
      #expect(try lines { _ in } == [])
      #expect(try lines { $0.training.exemptFromDecay.toggle() } == [])
      #expect(
        try lines { $0.training.ema = .init() } == ["the average of the weights starts anew: the checkpoint has none"])
      #expect(try lines { $0.optimizer = sgd(0.9) }.map { $0.hasPrefix("the optimizer's momentum of ") } == [true])
      #expect(
        try lines { $0.training.ema = nil } == ["the average of the weights is dropped: the settings ask for none"])
      #expect(
        try lines { $0.optimizer = sgd(0) }.map { $0.hasSuffix("is dropped: it is of no use any more") } == [true])
      // Another kind of optimizer is a mistake.
      options.optimizer = Tagged(AdamW.Options())
      options.training.epochs! += 1
      #expect(throws: OptimizerStateMismatch.self) { try RunBuilder(options).resume() }
    }
  }

  /// A state of an older or a newer version: what it lacks has a default, what nobody knows is passed over.
  @Test func statesOfOtherVersionsAreRead() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = fixture.options("run") { $0.training.epochs = 1 }
      try fixture.train(options)
      let store = CheckpointStore(folder: "\(options.out)/checkpoints")
      let state = try #require(try store.newestWhole { try $0.state(TrainState.self) })
      let data = try JSONEncoder().encode(state)
      let whole = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      let needed: Set = ["step", "epoch", "loader", "optimizer", "runtime", "model", "data"]
      func read(_ object: [String: Any]) throws -> TrainState {
        try JSONDecoder().decode(TrainState.self, from: JSONSerialization.data(withJSONObject: object))
      }
      var other = whole.filter { needed.contains($0.key) }
      other["invention"] = ["of": "another version"]
      let found = try read(other)
      #expect(found.step == state.step && found.model == state.model && found.data == state.data)
      #expect(found.best == nil && found.epochSums.isEmpty && found.seconds == 0 && found.config.isEmpty)
      #expect(try read(whole).best == state.best && state.best != nil)
      for key in needed {
        #expect(throws: DecodingError.self, "\(key)") { try read(other.filter { $0.key != key }) }
      }
    }
  }
}
