public import NN
public import Torch

/// A model from images to class logits.
public protocol ImageClassifier: Module {
  /// Classes of the logits.
  var numClasses: Int { get }
  /// Images [B, channels, H, W], floating point, to logits [B, classes].
  func callAsFunction(_ images: Tensor, _ context: ForwardContext) -> Tensor
}
