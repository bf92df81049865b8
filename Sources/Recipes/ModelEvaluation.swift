// A trained model scored on images, by one process or by ranks that share them out.
import Augment
import Checkpoint
public import Dataset
import NN
public import Parallelism
public import Torch
public import Training

/// Scores a trained model on images. Ranks take whole batches by turns, and all get the figures of one process.
public struct ModelEvaluation {
  private let evaluator: Evaluator
  private let task: ClassificationTask

  /// Moves the model to the device, and makes sure that all ranks score the same.
  /// - Parameters:
  ///   - batchSize: images of a batch, of which each rank takes a whole one.
  ///   - workers: loader threads.
  ///   - group: the ranks. Each has the model and all images.
  ///   - onBadSample: told of each image that cannot be read; on the first rank of all, after the last batch.
  /// - Throws: `CollectiveError`, `DataLoaderError`, `TorchError`.
  public init(
    of trained: Pretrained.Model, on images: EvaluationData, device: Device, batchSize: Int, workers: Int,
    group: ProcessGroup = .alone, onBadSample: (@Sendable (BadSample) -> Void)? = nil
  ) throws {
    trained.model.move(to: device)
    var options = DataLoader.Options()
    options.batchSize = batchSize
    options.numWorkers = workers
    options.maxBadFraction = 1
    let preprocessing = trained.description.preprocessing
    let loader = try DataLoader(
      source: images.source, pipeline: EvalTransform(preprocessing), sampler: SequentialSampler(), options: options,
      rank: group.rank, numRanks: group.size, sharing: .turns, onBadSample: onBadSample)
    evaluator = Evaluator(loader: loader, device: device, group: group)
    task = ClassificationTask(trained.model, classes: images.source.classes)
    try group.requireEqualArithmetic(on: device)
    try group.requireEqual([
      "set of images": "\(images.source.count) images, fingerprint \(images.source.fingerprint)",
      "size of batches": "\(batchSize)",
      "preprocessing": "\(preprocessing)",
      "checkpoint": "\(trained.description.name), weights \(Checksum.of(trained.model.stateDict))",
    ])
  }

  /// Scores the model, on all ranks together.
  /// - Parameter progress: told after each batch of this rank how many images it had.
  /// - Throws: `DataLoaderError`, `TorchError`, `CollectiveError`.
  public func callAsFunction(progress: ((Int) -> Void)? = nil) throws -> EvaluationReport {
    guard let report = try evaluator(task, progress: progress) else {
      preconditionFailure("an evaluation stopped that nobody asked to")
    }
    return report
  }
}

extension ProcessGroup {
  /// Refuses ranks that would compute other bits from the same things.
  /// - Throws: `CollectiveError.different`.
  func requireEqualArithmetic(on device: Device) throws(CollectiveError) {
    try requireEqual([
      "version of libtorch": Runtime.torchVersion,
      "kind of device": device.kind.rawValue,
      "number of threads": "\(Runtime.numThreads)",
      "library of matrix products": MatmulBackend.current.rawValue,
    ])
  }
}

extension Device {
  /// The device of one of several ranks: where they share a machine and the name has no number, each has a GPU of its own.
  /// - Throws: `TorchError.noSuchDevice`.
  public static func parse(_ name: String, localRank: Int, numLocalRanks: Int) throws -> Device {
    let device = try parse(name)
    guard device.kind == .cuda, numLocalRanks > 1, !name.contains(":") else { return device }
    return try parse("cuda:\(localRank)")
  }
}
