import Augment
import Checkpoint
public import Dataset
import Foundation
import NN
public import Torch
import Training
import VisionModels

/// Why a model says nothing of an image.
public enum PredictionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A logit is NaN or infinite, though the weights are finite.
  case notFinite(file: String, model: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .notFinite(let file, let model):
      "the model in \(model) gives NaN or infinite logits for \(file): its weights are finite, but too large; take an "
        + "earlier checkpoint"
    }
  }
}

/// Classifies images with a trained model.
///
/// ```swift
/// let predictor = try Predictor(checkpoint: "runs/flowers")
/// for guess in try predictor.predict("photo.jpg").guesses { print(guess.name, guess.probability) }
/// ```
public final class Predictor {
  /// The model and what belongs to it.
  public let trained: Pretrained.Model
  private let device: Device
  /// Kept from call to call, so that a program that classifies one image after the other asks for no fresh pages.
  private let batchMemory = RecyclingAllocator()
  private let matmulBackend: MatmulBackend

  /// A predictor with the weights at a path.
  /// - Parameters:
  ///   - checkpoint: a run directory, a checkpoint, or a safetensors file with timm's keys.
  ///   - model: the preset of a bare file.
  ///   - matmulBackend: the library of float32 products, in force for the process while the predictor computes; that of the
  ///     checkpoint if left out.
  ///   - warn: told of each checkpoint of a run that is damaged and passed over; standard error if left out.
  /// - Throws: `CheckpointError`, `StateDictMismatch`, `PretrainedError`.
  public init(
    checkpoint: String, model: String? = nil, device: Device = .cpu, matmulBackend: MatmulBackend.Choice = .auto,
    warn: ((String) -> Void)? = nil
  ) throws {
    trained = try Pretrained.model(at: checkpoint, name: model, warn: warn)
    trained.model.move(to: device)
    self.device = device
    self.matmulBackend = .chosen(matmulBackend, trainedWith: trained.matmulBackend, on: device)
  }

  /// What the model sees in one image.
  /// - Throws: the reason why the file is no image, `PredictionError`, or `TorchError`.
  public func predict(_ file: String, topK: Int = 5) throws -> ImagePrediction {
    var found: ImagePrediction?
    try predict([BytePath(file)], topK: topK, onBad: .stop, workers: 0) { found = $0 }
    guard let found else { preconditionFailure("\(file) gave neither a prediction nor an error") }
    return found
  }

  /// What the model sees in many images, handed over one by one, in order.
  /// - Parameters:
  ///   - onBad: whether a file that is no image ends everything or is left out.
  ///   - onBadFile: told of each file that is left out.
  ///   - receive: gets the predictions.
  /// - Throws: `PredictionError` at the first image whose logits are not finite, `DataLoaderError`, `TorchError`.
  public func predict(
    _ files: [BytePath], topK: Int = 5, batchSize: Int = 32, onBad: DataLoader.ErrorPolicy = .skip,
    workers: Int? = nil, onBadFile: (@Sendable (BadSample) -> Void)? = nil,
    receive: (ImagePrediction) throws -> Void
  ) throws {
    var options = DataLoader.Options()
    options.batchSize = min(batchSize, max(1, files.count))
    options.numWorkers = workers ?? min(8, AvailableProcessors.count)
    options.onError = onBad
    options.maxBadFraction = 1
    let loader = try DataLoader(
      source: FileList(paths: files), pipeline: EvalTransform(trained.description.preprocessing),
      sampler: SequentialSampler(), options: options, allocator: batchMemory,
      onBadSample: onBadFile)
    let epoch = try loader.makeEpoch(0)
    let transfer = DeviceTransfer(to: device)
    let former = MatmulBackend.current
    defer { MatmulBackend.current = former }
    while let batch = try epoch.next() {
      MatmulBackend.current = matmulBackend
      let (logits, probabilities) = try recovering {
        try withoutGrad {
          let logits = trained.model(try transfer(batch).images, .inference).to(.float32)
          return (logits.array(Float.self), logits.to(.float64).softmax(-1).array(Double.self))
        }
      }
      let width = trained.description.config.numClasses
      for (row, index) in batch.sampleIndices.enumerated() {
        let range = row * width..<(row + 1) * width
        guard logits[range].allSatisfy(\.isFinite) else {
          throw PredictionError.notFinite(file: files[index].description, model: trained.path)
        }
        try receive(
          prediction(files[index], logits: Array(logits[range]), probabilities: Array(probabilities[range]), topK: topK)
        )
      }
    }
  }

  private func prediction(_ file: BytePath, logits: [Float], probabilities: [Double], topK: Int) -> ImagePrediction {
    // Equal probabilities keep class order, so that the result does not depend on a sort's whims.
    let order = probabilities.indices.sorted { (probabilities[$1], $0) < (probabilities[$0], $1) }
    let guesses = order.prefix(topK).map {
      ImagePrediction.Guess(name: trained.description.classes[$0], index: $0, probability: probabilities[$0])
    }
    return ImagePrediction(file: file, guesses: guesses, logits: logits)
  }
}

/// What a model sees in an image.
public struct ImagePrediction: Sendable, Equatable {
  /// One class and how sure the model is.
  public struct Guess: Sendable, Equatable {
    /// The class's name.
    public let name: String
    /// The class's index.
    public let index: Int
    /// From 0 to 1; all classes of an image add up to 1.
    public let probability: Double
  }

  /// The image's file.
  public let file: BytePath
  /// The best guesses, the surest first.
  public let guesses: [Guess]
  /// The logits of all classes, in class order.
  public let logits: [Float]
}

/// Single files as a set without classes, for prediction.
struct FileList: SampleSource {
  let paths: [BytePath]
  let classes: [String] = []

  var count: Int { paths.count }
  /// Not used: a list is gone through once, and never resumed.
  var fingerprint: UInt64 { UInt64(paths.count) }

  func label(at index: Int) -> Int { 0 }
  func name(at index: Int) -> String { paths[index].description }
  func claimedExtension(at index: Int) -> String { paths[index].pathExtension }
  func read(at index: Int, limit: Int) throws -> [UInt8] { try FileReader.read(paths[index], limit: limit) }
  func readEnds(at index: Int, head: Int, tail: Int) throws -> (bytes: [UInt8], fileSize: Int) {
    try FileReader.readEnds(paths[index], head: head, tail: tail)
  }
}
