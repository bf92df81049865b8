import Checkpoint
import Dataset
import Dispatch
import Foundation
import NN
import Optim
import Preprocessing
import Synchronization
import TestSupport
import Testing
import Torch

@testable import Training

/// Checkpoints that are written while training goes on.
@Suite struct BackgroundSaveTests {
  private struct Planted: Error, Equatable {}

  private final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func next() -> Int {
      count.withLock {
        $0 += 1
        return $0
      }
    }
  }

  /// What happened in a run, on either thread, in its order.
  private final class Log: Hook, Sendable {
    private let lines = Mutex<[String]>([])
    private let act: @Sendable (TrainingEvent) throws -> Void
    init(_ act: @escaping @Sendable (TrainingEvent) throws -> Void = { _ in }) { self.act = act }

    var all: [String] { lines.withLock { $0 } }
    /// What was saved, written and warned of, and the end.
    var saves: [String] { all.filter { !$0.hasPrefix("step") } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }

    func receive(_ event: TrainingEvent) throws -> LoopDecision {
      switch event {
      case .stepStart(let step): add("step \(step)")
      case .saved(let checkpoint, _): add("saved \(checkpoint.step)")
      case .warning(let text): add(text)
      case .end: add("end")
      default: break
      }
      try act(event)
      return .goOn
    }
  }

  /// Three epochs of four steps, saved after every fifth step and every epoch.
  private struct Rig {
    let fixture: StepFixture
    let store: CheckpointStore
    let trainer: Trainer

    init(
      inBackground: Bool, hooks: [any Hook] = [], stopRequest: @escaping () -> String? = { nil }
    ) throws {
      fixture = try StepFixture(numTrain: 32, numValidation: 5)
      let task = StepFixture.task(StepFixture.model())
      let optimizer = AdamW(ParameterGroups.of(task.module))
      let loader = try fixture.loader(batchSize: 8)
      var step = TrainStep.Options()
      step.batchSize = 8
      var options = Trainer.Options()
      options.numEpochs = 3
      options.saveEverySteps = 5
      options.numKept = 20
      options.savesInBackground = inBackground
      let parts = Trainer.Parts(
        task: task,
        description: ModelDescription(
          name: "none", config: StepFixture.config, classes: loader.source.classes,
          preprocessing: ImagePreprocessing(size: 16)),
        data: DataDescription(path: "", ownSplit: nil, train: loader.source, validation: loader.source),
        optimizer: optimizer, average: WeightAverage(task.module, groups: optimizer.groups), scaler: LossScaler(),
        schedule: Schedule(base: 2e-3, timeline: .steps(total: 12, warmup: 0), curve: ConstantCurve()),
        loader: loader, evaluator: nil, device: .cpu, step: step, config: "")
      let directory = try RunDirectory.create(at: "\(fixture.set.path)/run")
      store = directory.checkpoints
      trainer = Trainer(parts, options: options, directory: directory, hooks: hooks, stopRequest: stopRequest)
    }

    /// All files of a checkpoint by name; of its state all but the seconds.
    func contents(_ step: Int) throws -> [String: Data] {
      let checkpoint = try #require(store.checkpoint(atStep: step))
      var found: [String: Data] = [:]
      for name in try FileManager.default.contentsOfDirectory(atPath: checkpoint.path) where name != "state.json" {
        found[name] = try Data(contentsOf: URL(fileURLWithPath: "\(checkpoint.path)/\(name)"))
      }
      var state = try checkpoint.state(TrainState.self)
      state.seconds = 0
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      found["state"] = try encoder.encode(state)
      return found
    }

    var hasLeftovers: Bool {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: store.folder)) ?? []
      return names.contains { $0.hasSuffix(".partial") }
    }
  }

  /// Step 5 is written after steps 6 and 7 were made, and is what a run that waits saves.
  @Test func whatIsTrainedMeanwhileIsNotSaved() throws {
    let (gate, numWrites) = (DispatchSemaphore(value: 0), Counter())
    let log = Log { event in if case .stepStart(8) = event { gate.signal() } }
    let held = try Rig(inBackground: true, hooks: [log])
    held.trainer.willWrite = { if numWrites.next() == 2 { gate.wait() } }
    #expect(try held.trainer.run().status == .completed)
    let reference = try Rig(inBackground: false)
    #expect(try reference.trainer.run().status == .completed)
    #expect(held.store.steps() == [4, 5, 8, 10, 12] && reference.store.steps() == held.store.steps())
    for step in held.store.steps() {
      let (found, expected) = (try held.contents(step), try reference.contents(step))
      let names = ["ema", "model", "optimizer", "scaler"].map { "\($0).safetensors" } + ["state"]
      #expect(found.keys.sorted() == names && expected.keys.sorted() == names)
      for name in names { #expect(found[name] == expected[name], "\(name) of step \(step)") }
    }
    #expect(try held.contents(4)["model.safetensors"] != held.contents(5)["model.safetensors"])
    let lines = log.all
    #expect(try #require(lines.firstIndex(of: "saved 5")) > #require(lines.firstIndex(of: "step 8")))
  }

  /// Each write is over, and told of, before the next begins and before the run ends, however it ends.
  @Test(arguments: [
    ("completed", [4, 5, 8, 10, 12]), ("interrupted(\"the test\")", [4, 5, 6]), ("Planted()", [4, 5]),
  ])
  func onlyOneIsWrittenAtATime(_ end: String, _ steps: [Int]) throws {
    let log = Log { event in if end == "Planted()", case .stepStart(7) = event { throw Planted() } }
    var numCalls = 0
    let rig = try Rig(inBackground: true, hooks: [log]) {
      numCalls += 1
      return end.hasPrefix("interrupted") && numCalls == 7 ? "the test" : nil
    }
    rig.trainer.willWrite = {
      log.add("write")
      // Longer than a step.
      usleep(100_000)
    }
    var outcome = ""
    do { outcome = "\(try rig.trainer.run().status)" } catch { outcome = "\(error)" }
    #expect(outcome == end)
    #expect(log.saves == steps.flatMap { ["write", "saved \($0)"] } + ["end"])
    #expect(rig.store.steps() == steps && !rig.hasLeftovers)
    #expect(try rig.store.linked("last").step == steps.last)
  }

  /// The error of a write comes once, with its cause, when the trainer looks; what was saved before stays. Beside another
  /// error it is a warning.
  @Test(arguments: [false, true]) func aWriteThatFailsEndsTheRun(besideAnother: Bool) throws {
    let (gate, numWrites) = (DispatchSemaphore(value: 0), Counter())
    let log = Log { event in
      guard case .stepStart(7) = event else { return }
      gate.signal()
      if besideAnother { throw Planted() }
    }
    let rig = try Rig(inBackground: true, hooks: [log])
    let folder = rig.store.folder
    rig.trainer.willWrite = {
      guard numWrites.next() == 2 else { return }
      gate.wait()
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for name in names where name.hasSuffix(".partial") {
        try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
      }
    }
    var outcome = ""
    do { _ = try rig.trainer.run() } catch { outcome = "\(error)" }
    let (first, second) = besideAnother ? (log.saves.dropFirst().first ?? "", outcome) : (outcome, "Planted()")
    #expect(first.contains(".step-5.") && !first.contains("\n") && second == "Planted()")
    #expect(log.saves.count == (besideAnother ? 3 : 2) && log.saves.first == "saved 4" && log.saves.last == "end")
    // No later save was begun.
    #expect(numWrites.value == 2 && rig.store.steps() == [4] && !rig.hasLeftovers)
    #expect(try rig.store.linked("last").tensors("optimizer").count > 0)
  }

  @Test func aSnapshotTakesItsMemoryOnceOrChangesNothing() async {
    await #expect(processExitsWith: .success) {
      Runtime.numThreads = 1
      let weights = Tensor.ones([300])
      let files = [
        "model": StateDict([(name: "w", tensor: weights), (name: "n", tensor: Tensor.ones([], dtype: .int64))]),
        "ema": StateDict([(name: "w", tensor: Tensor.zeros([20, 3]).transpose(0, 1))]),
      ]
      let (numRequests, faults) = try checkMemoryFailures(state: { 0 }, restore: {}) {
        try TensorSnapshot().take(files)["model"]!["w"]!.array(Float.self)
      }
      #expect(numRequests == 3 && faults == [])
      let snapshot = TensorSnapshot()
      let first = try snapshot.take(files)
      weights.fill_(2)
      #expect(first["model"]!["w"]!.doubles() == Array(repeating: 1, count: 300))
      let before = MemoryFailure.requests
      let second = try snapshot.take(files)
      #expect(MemoryFailure.requests == before)
      #expect(second["model"]!["w"]!.doubles() == Array(repeating: 2, count: 300))

      // In a run: nothing is begun, and the error is the engine's.
      let log = Log { event in if case .epoch = event { MemoryFailure.atRequest(1) } }
      let rig = try Rig(inBackground: true, hooks: [log])
      #expect(throws: TorchError.self) { try rig.trainer.run() }
      MemoryFailure.off()
      #expect(
        rig.store.steps() == [] && !rig.hasLeftovers && log.all == ["step 1", "step 2", "step 3", "step 4", "end"])
    }
  }
}
