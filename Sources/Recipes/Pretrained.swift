public import Checkpoint
import Foundation
import NN
import Preprocessing
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
    /// The library of products that a checkpoint was trained with: with it, results have the same bits again.
    public let products: ProductBackend?
    /// One line for the user: which checkpoint, which weights.
    public var origin: String {
      switch weights {
      case .average: "\(path), the average of the weights"
      case .trained: "\(path), the trained weights"
      case .file: path
      }
    }
  }

  /// The checkpoint that a path stands for: a checkpoint's folder, or a run's best, else its last.
  /// - Throws: `CheckpointError`.
  public static func checkpoint(at path: String) throws(CheckpointError) -> SavedCheckpoint {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw .cannotAccess(path: path, reason: "there is no such file or folder")
    }
    if FileManager.default.fileExists(atPath: "\(path)/state.json") { return try SavedCheckpoint(path: path) }
    let store = CheckpointStore(folder: "\(path)/checkpoints")
    for link in ["best", "last"] {
      if let found = try? store.linked(link) { return found }
    }
    if let newest = try store.latest()?.checkpoint { return newest }
    throw .noCheckpoint(path: path, reason: "it is neither a run directory nor a checkpoint")
  }

  /// The weights at a path, with timm's names: of a safetensors file, or of a checkpoint, its average where it has one.
  /// - Throws: `CheckpointError`.
  public static func weights(at path: String) throws(CheckpointError) -> StateDict {
    if isFile(path) { return try SafeTensors.read(path).tensors }
    let checkpoint = try checkpoint(at: path)
    return try checkpoint.tensors(checkpoint.has("ema") ? "ema" : "model")
  }

  /// What a checkpoint or a run says of its model; nil for a bare safetensors file, which says nothing.
  /// - Throws: `CheckpointError`.
  public static func description(at path: String) throws(CheckpointError) -> ModelDescription? {
    isFile(path) ? nil : try checkpoint(at: path).state(TrainState.self).model
  }

  /// The model at a path.
  ///
  /// - Parameters:
  ///   - path: a run directory, a checkpoint, or a safetensors file with timm's keys.
  ///   - name: the preset of a bare file; its class count comes from the file's head, and the preprocessing is the
  ///     preset's.
  /// - Throws: `CheckpointError`, `StateDictMismatch`, `PretrainedError`.
  public static func model(at path: String, name: String? = nil) throws -> Model {
    if isFile(path) { return try modelFile(path, name: name) }
    let checkpoint = try checkpoint(at: path)
    let state = try checkpoint.state(TrainState.self)
    let description = state.model
    let weights: Weights = checkpoint.has("ema") ? .average : .trained
    let model = try VisionTransformer(
      description.config, weights: checkpoint.tensors(weights == .average ? "ema" : "model"))
    return Model(
      model: model, description: description, weights: weights, path: checkpoint.path,
      products: state.runtime.productBackend)
  }

  private static func modelFile(_ path: String, name: String?) throws -> Model {
    guard let name else { throw PretrainedError.needsName(path) }
    guard let preset = ViTPresets[name] else { throw PretrainedError.unknownName(name) }
    let tensors = try SafeTensors.read(path).tensors
    guard let head = tensors["head.weight"], head.ndim == 2 else { throw PretrainedError.noHead(path) }
    var config = preset.config
    config.numClasses = head.size(0)
    if tensors["fc_norm.weight"] != nil { config.pooling = .mean }
    let model = try VisionTransformer(config, weights: tensors)
    let description = ModelDescription(
      name: name, config: config, classes: (0..<config.numClasses).map(String.init),
      preprocessing: preset.preprocessing)
    return Model(model: model, description: description, weights: .file, path: path, products: nil)
  }

  private static func isFile(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
  }
}
