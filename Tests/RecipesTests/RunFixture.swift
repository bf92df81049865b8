import Checkpoint
import Foundation
import Settings
import Telemetry
import TestSupport
import Testing
import Torch
import Training
import VisionModels

@testable import Recipes

/// Small runs over a small set, in a folder that goes with the object. A run sets threads, products and the default
/// generator of its process: tests that train do it in a process of their own.
final class RunFixture {
  let set: SmallImageSet
  let folder: String

  init(numTrain: Int = 44, numValidation: Int = 14) throws {
    set = try SmallImageSet(numTrain: numTrain, numValidation: numValidation)
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("vitrail-runs-\(UUID().uuidString)").path
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Two epochs of six batches, the last of four samples; every kind of dropout is on, and a checkpoint every two steps.
  func options(_ name: String, _ change: (inout RunOptions) -> Void = { _ in }) -> RunOptions {
    var options = RunOptions()
    options.out = "\(folder)/\(name)"
    options.device = "cpu"
    options.threads = 1
    options.matmulBackend = .native
    options.seed = 3
    options.data.path = set.path
    options.data.batchSize = 8
    options.data.workers = 2
    options.model.imageSize = 16
    options.model.patchSize = 8
    options.model.embedDim = 24
    options.model.depth = 2
    options.model.numHeads = 2
    options.model.setDropout(0.1, stochasticDepth: 0.2)
    options.training.epochs = 2
    options.training.lr = 2e-3
    options.training.clipNorm = 1
    options.checkpoint.everySteps = 2
    change(&options)
    return options
  }

  /// Trains from the start, or on from the newest checkpoint.
  @discardableResult
  func train(
    _ options: RunOptions, resuming: Bool = false, stopAtCall: Int? = nil, hooks: [any Hook] = []
  ) throws -> RunEnd {
    var builder = RunBuilder(options)
    builder.hooks = hooks
    var numCalls = 0
    builder.stopRequest = {
      numCalls += 1
      return numCalls == stopAtCall ? "the test" : nil
    }
    return try (resuming ? builder.resume() : builder.build()).train()
  }
}

/// Saves a changed copy of a run's newest checkpoint, which counts as newer.
func forge(
  _ run: String, tensors changes: [String: (StateDict) -> StateDict] = [:],
  state change: (inout TrainState) -> Void = { _ in }
) throws {
  let store = CheckpointStore(folder: "\(run)/checkpoints")
  let newest = try #require(try store.newestWhole { $0 })
  var state = try newest.state(TrainState.self)
  change(&state)
  let files = ["model", "ema", "optimizer", "scaler"].filter(newest.has)
  let tensors = try files.map { (file: $0, tensors: try changes[$0, default: { $0 }](newest.tensors($0))) }
  try store.link("last", to: store.save(step: newest.step, tensors: tensors, state: state))
}

/// Flips a bit in the middle of a file.
func flipBit(_ path: String) throws {
  let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
  var data = try Data(contentsOf: url)
  data[data.count / 2] ^= 4
  try data.write(to: url)
}

/// Calls a closure with every event.
final class EventHook: Hook {
  private let body: (TrainingEvent) throws -> LoopDecision
  init(_ body: @escaping (TrainingEvent) throws -> LoopDecision) { self.body = body }
  func receive(_ event: TrainingEvent) throws -> LoopDecision { try body(event) }
}

/// The lines of a run's metrics as objects.
func metrics(_ run: String) throws -> [[String: Any]] {
  let text = try String(contentsOfFile: "\(run)/metrics.jsonl", encoding: .utf8)
  return try text.split(separator: "\n").map {
    try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
  }
}

/// What two runs that did the same have in common: everything but time.
struct RunTrace: Equatable {
  /// The files of tensors of `last`, and the weights of `best`.
  var files: [String: Data] = [:]
  /// `state.json` of `last` without times and settings.
  var state = ""
  /// The records of steps and epochs, numbers in full precision, without times.
  var records: [String] = []

  init(_ run: String) throws {
    let last = "\(run)/checkpoints/last"
    for name in try FileManager.default.contentsOfDirectory(atPath: last) where name.hasSuffix(".safetensors") {
      files[name] = try Data(contentsOf: URL(fileURLWithPath: "\(last)/\(name)"))
    }
    files["best"] = try Data(contentsOf: URL(fileURLWithPath: "\(run)/checkpoints/best/model.safetensors"))
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: "\(last)/state.json")))
    var body = (object as? [String: Any])?["state"] as? [String: Any] ?? [:]
    for key in ["seconds", "config"] { body[key] = nil }
    state = try Self.text(body)
    for var record in try metrics(run) where ["step", "epoch"].contains(record["event"] as? String) {
      for key in record.keys where Self.isTiming(key) { record[key] = nil }
      records.append(try Self.text(record))
    }
  }

  /// Whether a number of a record is another one in each run: time, speed and memory.
  private static func isTiming(_ key: String) -> Bool {
    ["time", "data_wait", "tflops", "mfu", "val_tflops", "val_mfu"].contains(key)
      || ["seconds", "images_per_second", "memory_mb"].contains { key.hasSuffix($0) }
      || key.hasPrefix("step_seconds")
  }

  /// What differs, by name.
  func differences(from other: RunTrace) -> [String] {
    var found = Set(files.keys).union(other.files.keys).filter { files[$0] != other.files[$0] }.sorted()
    if state != other.state { found.append("state") }
    if records != other.records { found.append("records") }
    return found
  }

  private static func text(_ object: [String: Any]) throws -> String {
    String(decoding: try JSONSerialization.data(withJSONObject: object, options: .sortedKeys), as: UTF8.self)
  }
}

/// Expects a run to have done what `whole` is the trace of.
func expectSame(
  _ run: String, _ whole: RunTrace, _ label: String = "", sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let differences = try RunTrace(run).differences(from: whole)
  #expect(differences == [], "\(label) \(differences)", sourceLocation: sourceLocation)
}

extension ModelOptions {
  /// Gives every kind of dropout the same probability.
  mutating func setDropout(_ probability: Double, stochasticDepth depth: Double) {
    self.positionDropout = probability
    self.attentionDropout = probability
    self.projectionDropout = probability
    self.headDropout = probability
    self.stochasticDepth = depth
  }
}
