public import Torch

/// Parameters that an optimizer treats alike.
public struct ParameterGroup {
  /// The parameters with their names in the model, which name their state in checkpoints.
  public var parameters: [NamedTensor]
  /// Multiplies the optimizer's weight decay: 0 for parameters that must not decay.
  public var weightDecayScale: Double
  /// Multiplies the learning rate.
  public var learningRateScale: Double

  /// A group with the optimizer's own weight decay and learning rate, unless scaled.
  public init(_ parameters: [NamedTensor], weightDecayScale: Double = 1, learningRateScale: Double = 1) {
    self.parameters = parameters
    self.weightDecayScale = weightDecayScale
    self.learningRateScale = learningRateScale
  }
}
