public import Torch

/// What a checkpoint keeps of an optimizer.
public struct OptimizerState {
  /// The scalars.
  public struct Scalars: Codable, Sendable, Equatable {
    /// The optimizer's name in the registry.
    public var type: String
    /// Steps taken.
    public var numSteps: Int

    /// The scalars of an optimizer of that name after that many steps.
    public init(type: String, numSteps: Int) {
      self.type = type
      self.numSteps = numSteps
    }
  }

  /// The scalars.
  public var scalars: Scalars
  /// The tensors, in order, named by kind and parameter: `momentum.blocks.0.attn.qkv.weight`.
  public var tensors: StateDict

  /// A state of the given parts.
  public init(scalars: Scalars, tensors: StateDict) {
    self.scalars = scalars
    self.tensors = tensors
  }
}
