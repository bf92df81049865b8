import Foundation
public import NN
public import Torch

/// Maps each patch of an image to a token.
public final class PatchEmbedding: Module {
  /// From pixels to features.
  public let projection: PatchConvolution

  /// The embedding that a model's config asks for.
  public init(_ config: ViTConfig) {
    projection = PatchConvolution(
      inChannels: config.inChannels, outChannels: config.embedDim, patchSize: config.patchSize)
  }

  /// [B, channels, H, W] to [B, patches, embedDim], patches in rows from the top left.
  public func callAsFunction(_ images: Tensor) -> Tensor { projection(images) }

  /// Lists `proj`.
  public func visit(_ visitor: inout ParameterVisitor) {
    visitor.submodule("proj", projection)
  }
}

/// Puts the class, distillation and register tokens before the patches and adds what tells positions apart.
public final class PositionEmbedding: Module {
  /// [1, 1, embedDim].
  public var classToken: Tensor?
  /// [1, registers, embedDim].
  public var registerTokens: Tensor?
  /// [1, positions, embedDim]: prefix tokens first, unless only patches have positions, then patches in rows.
  public var positions: Tensor
  /// [1, 1, embedDim].
  public var distillationToken: Tensor?
  /// Whether only patches have positions.
  public let noEmbedClass: Bool
  /// Acts on the sum.
  public let dropout: Dropout

  /// The embedding that a model's config asks for, zero until an initializer fills it.
  public init(_ config: ViTConfig) {
    let d = config.embedDim
    classToken = config.classToken ? .parameter([1, 1, d]) : nil
    registerTokens = config.numRegisterTokens > 0 ? .parameter([1, config.numRegisterTokens, d]) : nil
    positions = .parameter([1, config.numPositions, d])
    distillationToken = config.distilled ? .parameter([1, 1, d]) : nil
    noEmbedClass = config.noEmbedClass
    dropout = Dropout(config.positionDropout)
  }

  /// Patches [B, N, embedDim] to tokens [B, T, embedDim].
  public func callAsFunction(_ patches: Tensor, _ context: ForwardContext) -> Tensor {
    let prefix = [classToken, distillationToken, registerTokens].compactMap { $0 }
    let patches = noEmbedClass ? patches + positions : patches
    var tokens = patches
    if !prefix.isEmpty {
      let expanded = prefix.map { $0.expand([patches.size(0), -1, -1]) }
      tokens = Tensor.concatenated(expanded + [patches], dim: 1)
    }
    return dropout(noEmbedClass ? tokens : tokens + positions, context.scoped("pos_drop"))
  }

  /// Lists `cls_token`, `reg_token`, `pos_embed`, `dist_token`.
  public func visit(_ visitor: inout ParameterVisitor) {
    visitor.parameter("cls_token", &classToken)
    visitor.parameter("reg_token", &registerTokens)
    visitor.parameter("pos_embed", &positions)
    visitor.parameter("dist_token", &distillationToken)
  }
}

extension PositionEmbedding {
  /// Position embeddings resampled to another grid: antialiased bicubic, computed in float32, prefix tokens unchanged
  /// (timm's `resample_abs_pos_embed`).
  ///
  /// - Parameters:
  ///   - positions: [1, prefix + g * g, d], for a square grid.
  ///   - gridSize: the new grid's side.
  ///   - numPrefixTokens: rows before the grid's.
  /// - Returns: [1, prefix + gridSize * gridSize, d], or nil where the rows after the prefix make no square grid.
  public static func resized(_ positions: Tensor, toGrid gridSize: Int, numPrefixTokens: Int) -> Tensor? {
    guard positions.ndim == 3, positions.size(0) == 1, positions.dtype.isFloatingPoint else { return nil }
    let (rows, d) = (positions.size(1) - numPrefixTokens, positions.size(2))
    guard rows > 0, d > 0 else { return nil }
    let oldSize = Int(Double(rows).squareRoot().rounded())
    guard oldSize * oldSize == rows else { return nil }
    if oldSize == gridSize { return positions }
    let prefix = positions.narrow(1, start: 0, length: numPrefixTokens)
    let grid =
      positions.narrow(1, start: numPrefixTokens, length: rows).to(.float32)
      .reshape([1, oldSize, oldSize, d]).permute([0, 3, 1, 2])
    let resampled =
      grid.resizedBicubic([gridSize, gridSize])
      .permute([0, 2, 3, 1]).reshape([1, gridSize * gridSize, d]).to(positions.dtype)
    return numPrefixTokens == 0 ? resampled : Tensor.concatenated([prefix, resampled], dim: 1)
  }

  /// Fixed sines and cosines of the patches' columns, then rows; the prefix's rows are zero (MAE, arXiv:2111.06377).
  /// [1, prefix + gridSize * gridSize, dim], float32; `dim` is a multiple of 4.
  public static func sinCos(dim: Int, gridSize: Int, numPrefixTokens: Int) -> Tensor {
    precondition(dim % 4 == 0, "sine-cosine positions need a multiple of 4 features, got \(dim)")
    let quarter = dim / 4
    var values = Array(repeating: Float(0), count: numPrefixTokens * dim)
    values.reserveCapacity((numPrefixTokens + gridSize * gridSize) * dim)
    let frequencies = (0..<quarter).map { 1 / pow(10000, Double($0) / Double(quarter)) }
    for row in 0..<gridSize {
      for column in 0..<gridSize {
        for coordinate in [column, row] {
          let angles = frequencies.map { Double(coordinate) * $0 }
          values += angles.map { Float(sin($0)) }
          values += angles.map { Float(cos($0)) }
        }
      }
    }
    return Tensor(values, shape: [1, numPrefixTokens + gridSize * gridSize, dim])
  }
}
