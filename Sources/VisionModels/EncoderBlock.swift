public import NN
public import Torch

/// A pre-norm transformer block: x + attention(norm(x)), then x + perceptron(norm(x)), each branch with an optional
/// layer scale and stochastic depth.
public final class EncoderBlock: Module {
  /// Before attention.
  public let norm1: LayerNorm
  /// Token mixing.
  public let attention: MultiHeadAttention
  /// On attention's branch.
  public let layerScale1: LayerScale?
  /// Before the perceptron.
  public let norm2: LayerNorm
  /// Feature mixing.
  public let feedForward: FeedForward
  /// On the perceptron's branch.
  public let layerScale2: LayerScale?
  /// On both branches.
  public let stochasticDepth: StochasticDepth

  /// Block number `index` of a model.
  public init(_ config: ViTConfig, index: Int, layers: any LayerFactory) {
    norm1 = LayerNorm(config.embedDim, eps: config.layerNormEps)
    attention = MultiHeadAttention(
      config.embedDim, numHeads: config.numHeads, qkvBias: config.qkvBias, attentionDropout: config.attentionDropout,
      projectionDropout: config.projectionDropout, layers: layers)
    layerScale1 = config.layerScale > 0 ? LayerScale(config.embedDim, initialValue: config.layerScale) : nil
    norm2 = LayerNorm(config.embedDim, eps: config.layerNormEps)
    feedForward = FeedForward(
      config.embedDim, hiddenDim: config.mlpHiddenDim, dropout: config.projectionDropout, layers: layers)
    layerScale2 = config.layerScale > 0 ? LayerScale(config.embedDim, initialValue: config.layerScale) : nil
    stochasticDepth = StochasticDepth(config.stochasticDepths[index])
  }

  /// [B, T, embedDim] to the same shape. Records `norm1`, `attn`, `norm2`, `mlp` and what is inside them.
  public func callAsFunction(_ x: Tensor, _ context: ForwardContext) -> Tensor {
    var y = norm1(x)
    context.record("norm1", y)
    y = attention(y, context.scoped("attn"))
    context.record("attn", y)
    if let layerScale1 { y = layerScale1(y) }
    let x = x + stochasticDepth(y, context.scoped("drop_path1"))

    y = norm2(x)
    context.record("norm2", y)
    y = feedForward(y, context.scoped("mlp"))
    context.record("mlp", y)
    if let layerScale2 { y = layerScale2(y) }
    return x + stochasticDepth(y, context.scoped("drop_path2"))
  }

  /// Lists `norm1`, `attn`, `ls1`, `norm2`, `mlp`, `ls2`.
  public func visit(_ visitor: inout ParameterVisitor) {
    visitor.submodule("norm1", norm1)
    visitor.submodule("attn", attention)
    visitor.submodule("ls1", layerScale1)
    visitor.submodule("norm2", norm2)
    visitor.submodule("mlp", feedForward)
    visitor.submodule("ls2", layerScale2)
  }
}
