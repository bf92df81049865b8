public import Torch

/// Limits the length of a step (Pascanu et al. 2013, arXiv:1211.5063), as `torch.nn.utils.clip_grad_norm_`. Nothing here
/// waits for the device.
public enum GradientClipping {
  /// The Euclidean norm over the gradients of all groups, of all processes that share them out: a scalar on their device.
  public static func globalNorm(_ groups: [ParameterGroup]) -> Tensor {
    precondition(!groups.isEmpty, "no parameter is trained: everything is frozen")
    return withoutGrad {
      let rows = groups.map { group in
        group.gatherGradients()
        let kept = group.shard?.gradients ?? group.gradients
        return kept.view([-1, ParameterGroup.rowLength]).norm(dim: 1).to(.float64)
      }
      let own = Tensor.concatenated(rows).norm()
      guard let shard = groups[0].shard, shard.gradients != nil else { return own.to(groups[0].gradients.dtype) }
      let squares = own * own
      shard.sumOverShards(squares)
      return squares.sqrt().to(groups[0].gradients.dtype)
    }
  }

  /// What gradients of a norm are divided by so that they get no longer than `maxNorm`: max(1, (norm + 1e-6) / maxNorm).
  public static func divisor(norm: Tensor, maxNorm: Double) -> Tensor {
    precondition(maxNorm > 0, "the largest norm must be positive, got \(maxNorm)")
    return withoutGrad { ((norm + 1e-6) / maxNorm).clamped(min: 1) }
  }

  /// Scales all gradients, in place, so that their norm is at most `maxNorm`: for loops that hand no divisor to the
  /// optimizer.
  ///
  /// - Returns: the norm before scaling. One that is not finite makes all gradients so: look before the step.
  @discardableResult
  public static func clip(_ groups: [ParameterGroup], maxNorm: Double) -> Tensor {
    let norm = globalNorm(groups)
    withoutGrad {
      let divisor = divisor(norm: norm, maxNorm: maxNorm)
      for group in groups { (group.shard?.gradients ?? group.gradients).div_(divisor) }
    }
    return norm
  }
}
