public import NN
public import Torch

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
