import Checkpoint
import Torch
import Training

/// Writes the weights of a run or of a checkpoint as one safetensors file with timm's names, for other programs.
public struct WeightsConversion: Sendable {
  /// Which weights of a checkpoint to take.
  public enum Selection: String, Sendable, CaseIterable {
    /// Those of the last step.
    case model
    /// Their average over the training's steps.
    case ema
  }

  /// The checkpoint that was read.
  public let checkpoint: String
  /// Which of its weights were taken.
  public let weights: Pretrained.Weights
  /// Tensors in the file.
  public let numTensors: Int
  /// Elements of all of them.
  public let numParameters: Int
  /// Bytes of all of them, without the file's header.
  public let numBytes: Int

  /// Converts; the file appears in one step, in place of one that is there.
  ///
  /// The metadata says `format: pt`, without which some loaders refuse a file.
  /// - Parameters:
  ///   - path: a run directory (its best checkpoint, else its last, else its newest that is whole) or a checkpoint.
  ///   - file: where to write to.
  ///   - selection: which weights; if nil, the average where there is one, which evaluation takes too.
  ///   - warn: told of each checkpoint of a run that is damaged and passed over.
  /// - Throws: `CheckpointError`, `PretrainedError`.
  public init(_ path: String, to file: String, selection: Selection? = nil, warn: (String) -> Void) throws {
    guard !Pretrained.isFile(path) else { throw PretrainedError.notACheckpoint(path) }
    let found = try Pretrained.withCheckpoint(at: path, warn: warn) { checkpoint in
      let hasAverage = checkpoint.has("ema")
      if selection == .ema, !hasAverage { throw PretrainedError.noAverage(checkpoint.path) }
      let name = (selection ?? (hasAverage ? .ema : .model)).rawValue
      return (path: checkpoint.path, name: name, tensors: try checkpoint.weights(name))
    }
    let tensors = found.tensors.entries.map(\.tensor)
    try SafeTensors.write(found.tensors, metadata: ["format": "pt"], to: file)
    checkpoint = found.path
    weights = found.name == Selection.ema.rawValue ? .average : .trained
    numTensors = tensors.count
    numParameters = tensors.reduce(0) { $0 + $1.count }
    numBytes = tensors.reduce(0) { $0 + $1.count * $1.dtype.byteCount }
  }
}
