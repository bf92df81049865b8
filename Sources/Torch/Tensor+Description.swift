extension Tensor: CustomStringConvertible {
  /// The shape, dtype and device, and the elements of a small tensor: `Tensor(float32 [2, 2], cpu): [1.0, 2.0, 3.0, 4.0]`.
  public var description: String {
    let head = "Tensor(\(dtype) \(shape), \(device))"
    return count <= 16 ? "\(head): \(doubles())" : head
  }
}
