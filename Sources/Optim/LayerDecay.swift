import Foundation

/// Learning rates that fall from the head of a Vision Transformer to its embeddings, for fine-tuning (Clark et al. 2020,
/// arXiv:2003.10555; Bao et al. 2021, arXiv:2106.08254), as BEiT's and MAE's: decay^(L + 1 - id) for L blocks, where the
/// id of embeddings, positions and tokens is 0, that of `blocks.i` is i + 1, and that of all behind them L + 1.
public struct LayerDecay: Sendable, Equatable {
  private static let embeddings: Set<String> = ParameterGroups.noDecayNames.union(["patch_embed"])

  /// By what the rate falls from one layer to the one before it, more than 0 and at most 1.
  public let decay: Double
  /// The smallest scale.
  public let minScale: Double
  /// The number of blocks.
  public let numBlocks: Int

  /// The scales of a transformer of so many blocks.
  public init(_ decay: Double, numBlocks: Int, minScale: Double = 0) {
    precondition(decay > 0 && decay <= 1, "the decay from layer to layer is in (0, 1], got \(decay)")
    self.decay = decay
    self.minScale = minScale
    self.numBlocks = numBlocks
  }

  /// The layer of a parameter by its name in the model, from 0 to `numBlocks` + 1.
  public func layer(of name: String) -> Int {
    let parts = name.split(separator: ".")
    if parts.count > 1, parts[0] == "blocks", let block = Int(parts[1]) { return block + 1 }
    return Self.embeddings.contains(parts.first.map(String.init) ?? "") ? 0 : numBlocks + 1
  }

  /// What the learning rate of a parameter is multiplied by.
  public func scale(of name: String) -> Double {
    max(minScale, pow(decay, Double(numBlocks + 1 - layer(of: name))))
  }
}
