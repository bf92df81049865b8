// What a run of several ranks adds to the building of one: every rank builds the same, and they make sure of it.
import Checkpoint
import Dataset
import NN
import Optim
import Parallelism
import Settings
import Torch
import Training

extension RunBuilder {
  /// How a step's samples are cut. A run that resumes with another number of ranks keeps its step.
  func stepShape(from source: Source, _ remark: (String) -> Void) throws -> StepShape {
    let own = StepShape(
      batchSize: options.data.batchSize, accumulation: options.training.accumulation, numRanks: group.size)
    let saved: TrainState? =
      switch source {
      case .beginning: nil
      case .checkpoint(let checkpoint): try checkpoint.state(TrainState.self)
      // One that is damaged is told of, and passed over, when its tensors are read.
      case .newest(let store): try store.newestWhole { try $0.state(TrainState.self) }
      }
    guard let saved else { return own }
    guard saved.numRanks != group.size, let numSamples = saved.stepSize, numSamples >= 1 else {
      guard own.batchSize == saved.loader.batchSize || own.numSamples == saved.stepSize else {
        throw DataLoaderError.stateMismatch(
          "batches of \(saved.loader.batchSize) became \(own.batchSize), and a step another number of samples")
      }
      return own
    }
    let shape = StepShape(keeping: numSamples, batchSize: options.data.batchSize, numRanks: group.size)
    remark(
      "the run had \(saved.numRanks) rank\(saved.numRanks == 1 ? "" : "s"), and now has \(group.size): a step keeps its "
        + "\(numSamples) samples, in \(shape.accumulation) batch\(shape.accumulation == 1 ? "" : "es") of "
        + "\(shape.batchSize) over all ranks")
    return shape
  }

  /// Refuses to cut, or to move, what an optimizer needs whole, and to move what is there already.
  func requireShards(of optimizer: any Optimizer, device: Device) throws {
    func refuse(_ path: String, _ value: String, _ message: String) -> OptionsError {
      OptionsError(
        source: "settings",
        issues: [
          OptionsIssue(path: path, origin: .defaults, kind: .invalid, message: "is \(value), but \(message)")
        ])
    }
    if options.parallel.offloadOptimizer, device.kind == .cpu {
      throw refuse(
        "parallel.offload_optimizer", "true", "the model is in the host's memory, too: set it to false")
    }
    guard type(of: optimizer).needsWholeParameters else { return }
    let reason = "\(options.optimizer.name) steps whole parameters, which"
    if options.parallel.zero > 0 {
      throw refuse(
        "parallel.zero", "\(options.parallel.zero)",
        "\(reason) ranks cannot share out by slices; set it to 0, or take another optimizer")
    }
    if options.parallel.offloadOptimizer {
      throw refuse(
        "parallel.offload_optimizer", "true",
        "\(reason) have to be where the model is; set it to false, or take another optimizer")
    }
  }

  /// How a loader of this rank works, but for the size of its batches in training.
  func loaderOptions(training: Bool) -> DataLoader.Options {
    var loader = options.data.loaderOptions(seed: options.seed, training: training)
    if options.data.workers == nil {
      loader.numWorkers = min(loader.numWorkers, max(1, AvailableProcessors.count / numLocalRanks))
    }
    return loader
  }

  /// Refuses ranks that were started with different things, before the first step.
  /// - Throws: `CollectiveError.different`.
  func requireEqualStart(_ parts: Trainer.Parts, step: Int) throws {
    guard group.size > 1 else { return }
    var shared = options
    // Each may have a GPU of its own.
    shared.device = parts.device.kind.rawValue
    let loader = parts.loader.state(epoch: 0, nextBatch: 0)
    try group.requireEqualArithmetic(on: parts.device)
    try group.requireEqual([
      "set of training images": "\(loader.numSamples) images, fingerprint \(loader.fingerprint)",
      "set of validation images": parts.evaluator.map { "\($0.loader.source.fingerprint)" } ?? "none",
      "config.yaml": OptionsEncoder.encode(shared).yaml,
      "checkpoint": "step \(step)",
      "weights": Checksum.of(parts.task.module.stateDict),
    ])
  }
}
