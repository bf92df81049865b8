/// Operators over many tensors in one call, such as all parameters of a model.
public enum TensorLists {
  /// The Euclidean norm of each tensor, a scalar each.
  public static func norms(_ tensors: [Tensor]) -> [Tensor] { Aten.foreachNorm.list(tensors, 2) }

  /// Multiplies all tensors by a scalar tensor of their device.
  public static func scale(_ tensors: [Tensor], by factor: Tensor) { Aten.foreachMulTensor.void(tensors, factor) }

  /// Multiplies all tensors by a number.
  public static func scale(_ tensors: [Tensor], by factor: Double) { Aten.foreachMulScalar.void(tensors, factor) }

  /// Adds `alpha * others[i]` to `tensors[i]`.
  public static func add(_ others: [Tensor], to tensors: [Tensor], alpha: Double = 1) {
    Aten.foreachAdd.void(tensors, others, alpha)
  }

  /// Moves `tensors[i]` towards `ends[i]` by the fraction `weight`.
  public static func lerp(_ tensors: [Tensor], towards ends: [Tensor], weight: Double) {
    Aten.foreachLerp.void(tensors, ends, weight)
  }

  /// Sets all tensors to zero.
  public static func zero(_ tensors: [Tensor]) { Aten.foreachZero.void(tensors) }

  /// Overwrites `tensors[i]` with `sources[i]`.
  public static func copy(_ sources: [Tensor], to tensors: [Tensor]) { Aten.foreachCopy.void(tensors, sources) }
}
