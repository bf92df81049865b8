public import NN
public import Torch

/// From the tokens after the last block to logits: pooling, `fc_norm` for mean pooling, an optional representation
/// layer with tanh, dropout, and one linear layer, or two for distilled models.
public final class ClassifierHead: Module {
  /// For mean pooling, after it.
  public let fcNorm: LayerNorm?
  /// Before the head, with tanh.
  public let representation: Linear?
  /// To class logits.
  public private(set) var head: Linear
  /// To the logits that a teacher's are compared with.
  public private(set) var distillationHead: Linear?
  /// Before the head.
  public let dropout: Dropout
  private let config: ViTConfig

  /// The head that a model's config asks for.
  public init(_ config: ViTConfig) {
    self.config = config
    let d = config.embedDim
    fcNorm = config.pooling == .mean ? LayerNorm(d, eps: config.layerNormEps) : nil
    representation = config.representationSize > 0 ? Linear(d, config.representationSize) : nil
    head = Linear(config.headDim, config.numClasses)
    distillationHead = config.distilled ? Linear(d, config.numClasses) : nil
    dropout = Dropout(config.headDropout)
  }

  /// Tokens [B, T, embedDim] to logits [B, classes]. Records `pooled`, `fc_norm` and `pre_logits` where there is one.
  public func callAsFunction(_ tokens: Tensor, _ context: ForwardContext) -> ClassifierOutput {
    var x: Tensor
    switch config.pooling {
    case .token: x = tokens.select(1, 0)
    case .mean: x = tokens.narrow(1, start: config.numPrefixTokens, length: config.numPatches).mean([1])
    }
    context.record("pooled", x)
    if let fcNorm {
      x = fcNorm(x)
      context.record("fc_norm", x)
    }
    x = dropout(x, context.scoped("head_drop"))
    if let representation {
      x = representation(x).tanh()
      context.record("pre_logits", x)
    }
    let distillation = distillationHead.map {
      $0(dropout(tokens.select(1, 1), context.scoped("head_dist_drop")))
    }
    return ClassifierOutput(classLogits: head(x), distillationLogits: distillation)
  }

  /// Puts layers of zeros for another number of classes in place of the head's.
  func replace(numClasses: Int) {
    head = Linear(head.inFeatures, numClasses)
    distillationHead = distillationHead.map { Linear($0.inFeatures, numClasses) }
  }

  /// Lists `fc_norm`, `pre_logits.fc`, `head`, `head_dist`.
  public func visit(_ visitor: inout ParameterVisitor) {
    visitor.submodule("fc_norm", fcNorm)
    visitor.submodule("pre_logits.fc", representation)
    visitor.submodule("head", head)
    visitor.submodule("head_dist", distillationHead)
  }
}

/// What a classifier says of a batch.
public struct ClassifierOutput {
  /// From the class token, or the pooled patches: [B, classes].
  public let classLogits: Tensor
  /// From the distillation token, [B, classes]; nil unless the model is distilled.
  public let distillationLogits: Tensor?

  /// The prediction: the class logits, or for distilled models the mean of both.
  public var logits: Tensor {
    guard let distillationLogits else { return classLogits }
    return (classLogits + distillationLogits) / 2
  }
}

/// A model from images to class logits.
public protocol ImageClassifier: Module {
  /// Classes of the logits.
  var numClasses: Int { get }
  /// Images [B, channels, H, W], floating point, to logits [B, classes].
  func callAsFunction(_ images: Tensor, _ context: ForwardContext) -> Tensor
}
