public import Torch

/// Multi-head self-attention (Vaswani et al. 2017, arXiv:1706.03762) with one product for queries, keys and values.
///
/// Shapes: B batch, T tokens, H heads, K features of a head. `qkv.weight` is [3HK, dim]: queries, keys and values
/// stacked, heads contiguous inside each, as in timm.
public final class MultiHeadAttention: Module {
  /// dim to 3HK.
  public let qkv: any LinearLayer
  /// HK to dim.
  public let projection: any LinearLayer
  /// Features of a head.
  public let headDim: Int
  /// Acts on the attention weights.
  public let attentionDropout: Dropout
  /// Acts on the output.
  public let projectionDropout: Dropout

  /// Attention over `dim` features in `numHeads` heads; `dim` must be a multiple of `numHeads`.
  public init(
    _ dim: Int, numHeads: Int, qkvBias: Bool = true, attentionDropout: Double = 0, projectionDropout: Double = 0,
    layers: any LayerFactory = WholeLayers()
  ) {
    precondition(dim % numHeads == 0, "\(dim) features cannot be split into \(numHeads) heads")
    headDim = dim / numHeads
    qkv = layers.linear(dim, 3 * dim, bias: qkvBias, role: .queryKeyValue)
    projection = layers.linear(dim, dim, bias: true, role: .attentionOutput)
    self.attentionDropout = Dropout(attentionDropout)
    self.projectionDropout = Dropout(projectionDropout)
  }

  /// [B, T, dim] to the same shape. Records `qkv` [B, T, 3HK].
  public func callAsFunction(_ x: Tensor, _ context: ForwardContext) -> Tensor {
    let joined = qkv(x)
    context.record("qkv", joined)
    let (batch, tokens) = (x.size(0), x.size(1))
    // The heads are counted in what the layer returned: it may be one rank's part.
    let numHeads = joined.size(2) / (3 * headDim)
    var y: Tensor
    if context.isTraining && attentionDropout.probability > 0 {
      let qkvBHTK = joined.reshape([batch, tokens, 3, numHeads, headDim]).permute([2, 0, 3, 1, 4]).unbind(0)
      // None while a failure is pending.
      guard qkvBHTK.count == 3 else { return joined }
      let scores = (qkvBHTK[0] / Double(headDim).squareRoot()).matmul(qkvBHTK[1].transpose(2, 3))
      let weights = attentionDropout(scores.softmax(-1), context.scoped("attn_drop"))
      y = weights.matmul(qkvBHTK[2]).transpose(1, 2).reshape([batch, tokens, numHeads * headDim])
    } else {
      y = joined.attention(numHeads: numHeads)
    }
    y = projection(y)
    return projectionDropout(y, context.scoped("proj_drop"))
  }

  /// Lists `qkv`, `proj`.
  public func visit(_ visitor: inout ParameterVisitor) {
    visitor.submodule("qkv", qkv)
    visitor.submodule("proj", projection)
  }
}
