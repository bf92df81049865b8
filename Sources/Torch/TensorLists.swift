/// Operators over several tensors in one call, such as the buffers of a model's parameters.
public enum TensorLists {
  /// Moves `tensors[i]` towards `ends[i]` by the fraction `weight`.
  public static func lerp(_ tensors: [Tensor], towards ends: [Tensor], weight: Double) {
    Aten.foreachLerp.void(tensors, ends, weight)
  }

  /// Overwrites `tensors[i]` with `sources[i]`.
  public static func copy(_ sources: [Tensor], to tensors: [Tensor]) { Aten.foreachCopy.void(tensors, sources) }
}
