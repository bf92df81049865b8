private enum Aten {
  static let toDType = Op("aten::to", "dtype")
  static let toDevice = Op("aten::to", "device")
  static let contiguous = Op("aten::contiguous")
  static let detach = Op("aten::detach")
  static let clone = Op("aten::clone")
  static let copy = Op("aten::copy_")
}

extension Tensor {
  /// This tensor with elements of `dtype`; itself where they are already.
  public func to(_ dtype: DType) -> Tensor { Aten.toDType(self, dtype) }

  /// This tensor on `device`; itself where it is already.
  /// - Parameter nonBlocking: return before a copy from pinned memory has ended.
  public func to(_ device: Device, nonBlocking: Bool = false) -> Tensor {
    Aten.toDevice(self, device, dtype, nonBlocking)
  }

  /// This tensor with its elements in row-major order without gaps; itself where they are already.
  public func contiguous() -> Tensor { Aten.contiguous(self) }

  /// The same memory, cut off from what it was computed from.
  public func detach() -> Tensor { Aten.detach(self) }

  /// A copy with memory of its own; differentiable.
  public func clone() -> Tensor { Aten.clone(self) }

  /// Overwrites this tensor with `source`, broadcast and converted.
  @discardableResult
  public func copy_(_ source: Tensor, nonBlocking: Bool = false) -> Tensor { Aten.copy(self, source, nonBlocking) }
}
