private enum Aten {
  static let norm = Op("aten::_foreach_norm", "Scalar")
  static let mulTensor = Op("aten::_foreach_mul_", "Tensor")
  static let mulScalar = Op("aten::_foreach_mul_", "Scalar")
  static let add = Op("aten::_foreach_add_", "List")
  static let lerp = Op("aten::_foreach_lerp_", "Scalar")
  static let zero = Op("aten::_foreach_zero_")
  static let copy = Op("aten::_foreach_copy_")
}

/// Operators over many tensors in one call, such as all parameters of a model.
public enum TensorLists {
  /// The Euclidean norm of each tensor, a scalar each.
  public static func norms(_ tensors: [Tensor]) -> [Tensor] { Aten.norm.list(tensors, 2) }

  /// Multiplies all tensors by a scalar tensor of their device.
  public static func scale(_ tensors: [Tensor], by factor: Tensor) { Aten.mulTensor.void(tensors, factor) }

  /// Multiplies all tensors by a number.
  public static func scale(_ tensors: [Tensor], by factor: Double) { Aten.mulScalar.void(tensors, factor) }

  /// Adds `alpha * others[i]` to `tensors[i]`.
  public static func add(_ others: [Tensor], to tensors: [Tensor], alpha: Double = 1) {
    Aten.add.void(tensors, others, alpha)
  }

  /// Moves `tensors[i]` towards `ends[i]` by the fraction `weight`.
  public static func lerp(_ tensors: [Tensor], towards ends: [Tensor], weight: Double) {
    Aten.lerp.void(tensors, ends, weight)
  }

  /// Sets all tensors to zero.
  public static func zero(_ tensors: [Tensor]) { Aten.zero.void(tensors) }

  /// Overwrites `tensors[i]` with `sources[i]`.
  public static func copy(_ sources: [Tensor], to tensors: [Tensor]) { Aten.copy.void(tensors, sources) }
}
