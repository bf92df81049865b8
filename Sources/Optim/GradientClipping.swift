public import Torch

/// Limits the length of a step (Pascanu et al. 2013, arXiv:1211.5063), as `torch.nn.utils.clip_grad_norm_`.
public enum GradientClipping {
  /// The Euclidean norm over the gradients of all parameters: a scalar on their device, computed without waiting for
  /// it; nil where there is no gradient.
  public static func globalNorm(_ parameters: [Tensor]) -> Tensor? {
    withoutGrad { norm(parameters.compactMap(\.grad)) }
  }

  /// Scales all gradients, in place, by min(1, maxNorm / (norm + 1e-6)).
  ///
  /// - Returns: the norm before scaling, a scalar on the parameters' device, computed without waiting for it; nil where
  ///   there is no gradient. A norm that is not finite makes all gradients so: look before the step.
  @discardableResult
  public static func clip(_ parameters: [Tensor], maxNorm: Double) -> Tensor? {
    precondition(maxNorm > 0, "the largest norm must be positive, got \(maxNorm)")
    return withoutGrad {
      let gradients = parameters.compactMap(\.grad)
      guard let total = norm(gradients) else { return nil }
      let factor = (total + 1e-6).pow(-1) * maxNorm
      TensorLists.scale(gradients, by: factor.clamped(max: 1))
      return total
    }
  }

  private static func norm(_ gradients: [Tensor]) -> Tensor? {
    gradients.isEmpty ? nil : Tensor.stacked(TensorLists.norms(gradients)).norm()
  }
}
