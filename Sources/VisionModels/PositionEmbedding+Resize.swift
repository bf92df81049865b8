import Foundation
public import Torch

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
