import Checkpoint
import Foundation
import NN
import Preprocessing
import Settings
import Telemetry
public import Torch
public import Training
public import VisionModels

/// Finds weights and models by path: a run directory, a checkpoint's folder, or a bare safetensors file.
public enum Pretrained {
  /// Which weights of a checkpoint were taken.
  public enum Weights: String, Sendable {
    /// The average over the training's steps.
    case average
    /// The weights of the step itself.
    case trained
    /// Those of a file.
    case file
  }

  /// A model with its weights.
  public struct Model {
    /// The model, on the CPU.
    public let model: VisionTransformer
    /// Classes, shape and preprocessing.
    public let description: ModelDescription
    /// Where the weights come from.
    public let weights: Weights
    /// The file or folder that was read.
    public let path: String
    /// The matmul backend that a checkpoint was trained with: with it, results have the same bits again.
    public let matmulBackend: MatmulBackend?
    /// The images that a checkpoint was trained and evaluated on; nil for a bare file.
    public let data: DataDescription?
    /// One line for the user: which checkpoint, which weights.
    public var origin: String {
      switch weights {
      case .average: "\(path), the average of the weights"
      case .trained: "\(path), the trained weights"
      case .file: path
      }
    }
  }

  /// What `take` makes of the checkpoint that a path stands for: a checkpoint's folder, or a run's best, else its last,
  /// else its newest that is whole.
  static func withCheckpoint<Result>(
    at path: String, warn: (String) -> Void, _ take: (SavedCheckpoint) throws -> Result
  ) throws -> Result {
    guard FileManager.default.fileExists(atPath: path) else {
      throw CheckpointError.cannotAccess(path: path, reason: "there is no such file or folder")
    }
    if FileManager.default.fileExists(atPath: "\(path)/state.json") { return try take(SavedCheckpoint(path: path)) }
    let found = try CheckpointStore(folder: "\(path)/checkpoints").newestWhole(
      preferring: ["best", "last"], passedOver: { warn("a damaged checkpoint is passed over: \($0)") }, take)
    guard let found else {
      throw CheckpointError.noCheckpoint(path: path, reason: "it is neither a run directory nor a checkpoint")
    }
    return found
  }

  /// The weights at a path, with timm's names: of a safetensors file, or of a checkpoint, its average where it has one;
  /// and what the checkpoint says of its model, which a bare file does not.
  /// - Parameter warn: told of each checkpoint of a run that is damaged and passed over.
  /// - Throws: `CheckpointError`.
  static func weights(
    at path: String, warn: (String) -> Void
  ) throws -> (weights: StateDict, description: ModelDescription?) {
    if isFile(path) { return (try fileWeights(path), nil) }
    return try withCheckpoint(at: path, warn: warn) { checkpoint in
      let state = try checkpoint.state(TrainState.self)
      return (try checkpoint.weights(checkpoint.has("ema") ? "ema" : "model"), state.model)
    }
  }

  /// The model at a path.
  ///
  /// - Parameters:
  ///   - path: a run directory, a checkpoint, or a safetensors file with timm's keys.
  ///   - name: the preset of a bare file; its class count comes from the file's head, and the preprocessing is the
  ///     preset's.
  ///   - warn: told of each checkpoint of a run that is damaged and passed over; standard error if left out.
  /// - Throws: `CheckpointError`, `StateDictMismatch`, `PretrainedError`.
  public static func model(
    at path: String, name: String? = nil, warn: ((String) -> Void)? = nil
  ) throws -> Model {
    if isFile(path) { return try modelFile(path, name: name) }
    let warn = warn ?? { ConsoleOutput.standardError.warning($0) }
    return try withCheckpoint(at: path, warn: warn) { checkpoint in
      let state = try checkpoint.state(TrainState.self)
      let weights: Weights = checkpoint.has("ema") ? .average : .trained
      let model = try VisionTransformer(
        state.model.config, weights: checkpoint.weights(weights == .average ? "ema" : "model"))
      return Model(
        model: model, description: state.model, weights: weights, path: checkpoint.path,
        matmulBackend: state.runtime.matmulBackend, data: state.data)
    }
  }

  private static func fileWeights(_ path: String) throws -> StateDict {
    let tensors = try SafeTensors.read(path).tensors
    try tensors.checkWeights(of: path)
    return tensors
  }

  private static func modelFile(_ path: String, name: String?) throws -> Model {
    guard let name else { throw PretrainedError.needsName(path) }
    guard let preset = ViTPresets[name] else { throw PretrainedError.unknownName(name) }
    let tensors = try fileWeights(path)
    guard let head = tensors["head.weight"], head.ndim == 2 else { throw PretrainedError.noHead(path) }
    var config = preset.config
    config.numClasses = head.size(0)
    if tensors["fc_norm.weight"] != nil { config.pooling = .mean }
    let model = try VisionTransformer(config, weights: tensors)
    let description = ModelDescription(
      name: name, config: config, classes: (0..<config.numClasses).map(String.init),
      preprocessing: preset.preprocessing)
    return Model(model: model, description: description, weights: .file, path: path, matmulBackend: nil, data: nil)
  }

  static func isFile(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
  }
}

/// Why a bare file of weights is no model.
public enum PretrainedError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A bare file does not say what it is.
  case needsName(String)
  /// There is no preset of that name.
  case unknownName(String)
  /// The number of classes is unknown.
  case noHead(String)
  /// The checkpoint has no average of its weights.
  case noAverage(String)
  /// A bare file has nothing to convert.
  case notACheckpoint(String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .needsName(let path): return "\(path) is a bare file of weights: say which model they are for by --model NAME"
    case .unknownName(let name):
      let near = ViTPresets.nearest(to: name).map { "; did you mean '\($0)'?" } ?? ";"
      return "there is no model '\(name)'\(near)\(ViTPresets.tagAdvice(on: name)) `vitrail models` lists all"
    case .noHead(let path): return "\(path) has no head.weight, so its classes are unknown; train a head with --init"
    case .noAverage(let path): return "\(path) has no average of the weights: its run was trained without training.ema"
    case .notACheckpoint(let path):
      return
        "\(path) is a file: say which run or checkpoint to convert; safetensors with timm's names need no conversion"
    }
  }
}
