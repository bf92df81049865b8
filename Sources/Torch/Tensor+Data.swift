import CTorch

extension Tensor {
  /// A tensor on the CPU with a copy of `values`, in row-major order.
  /// - Parameter shape: sizes whose product is `values.count`; one dimension if left out.
  public convenience init<Element: TensorElement>(_ values: [Element], shape: [Int]? = nil) {
    let shape = shape ?? [values.count]
    precondition(
      shape.reduce(1, *) == values.count, "shape \(shape) does not hold \(values.count) values")
    let handle = values.withUnsafeBytes { Self.copying($0, shape: shape, dtype: Element.dtype) }
    self.init(handle)
  }

  /// A tensor on the CPU with a copy of `bytes`, which hold elements of `dtype` in row-major order.
  public convenience init(bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType) {
    precondition(
      shape.reduce(dtype.byteCount, *) == bytes.count,
      "shape \(shape) of \(dtype) does not fit \(bytes.count) bytes")
    self.init(Self.copying(bytes, shape: shape, dtype: dtype))
  }

  private static func copying(_ bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType) -> vt_tensor {
    var out = vt_tensor()
    withSizes(shape) { sizes, ndim in
      check(vt_tensor_copy(bytes.baseAddress, bytes.count, sizes, ndim, dtype.code, &out))
    }
    return out
  }

  /// A tensor on the CPU over memory that is not copied.
  ///
  /// - Parameters:
  ///   - memory: at least the bytes of `shape` and `dtype`, in row-major order.
  ///   - release: called once, on any thread, when the last user of the memory lets go; also where there is no tensor
  ///     because memory ran out.
  public static func borrowing(
    _ memory: UnsafeMutableRawPointer, shape: [Int], dtype: DType, release: @escaping @Sendable () -> Void
  ) -> Tensor {
    final class Release: Sendable {
      let action: @Sendable () -> Void
      init(_ action: @escaping @Sendable () -> Void) { self.action = action }
    }
    let context = Unmanaged.passRetained(Release(release)).toOpaque()
    var out = vt_tensor()
    withSizes(shape) { sizes, ndim in
      check(
        vt_tensor_borrow(
          memory, sizes, ndim, dtype.code,
          { context in
            guard let context else { return }
            Unmanaged<Release>.fromOpaque(context).takeRetainedValue().action()
          }, context, &out))
    }
    return Tensor(out)
  }

  /// All elements in row-major order; none while a failure is pending. Waits for the device; copies.
  /// - Parameter type: the type of the elements; its dtype must be the tensor's.
  public func array<Element: TensorElement>(_ type: Element.Type = Element.self) -> [Element] {
    precondition(
      dtype == Element.dtype || isFailurePending,
      "the tensor is \(dtype); elements of \(Element.dtype) were asked for")
    return withBytes { Array($0.bindMemory(to: Element.self)) }
  }

  /// Whether this tensor's first element lies where another's does.
  public func hasMemory(of other: Tensor) -> Bool {
    var (own, others): (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?)
    check(vt_tensor_data(handle, &own))
    check(vt_tensor_data(other.handle, &others))
    return own == others
  }

  /// The bytes behind this tensor and all other views of the same memory; 0 while that is given back, as by
  /// `ShardedBlocks`.
  public var storageByteCount: Int {
    var out = 0
    check(vt_tensor_storage_bytes(handle, &out))
    return out
  }

  /// All elements, converted to Double, in row-major order. Waits for the device.
  public func doubles() -> [Double] { to(.float64).array(Double.self) }

  /// Calls `body` with the elements in row-major order, on the host. Copies only what lies elsewhere or has gaps.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    HostReads.add()
    let host = detach().to(Device.cpu).contiguous()
    var data: UnsafeMutableRawPointer?
    check(vt_tensor_data(host.handle, &data))
    defer { withExtendedLifetime(host) {} }
    return try body(UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : host.count * host.dtype.byteCount))
  }

  private static func withSizes(_ shape: [Int], _ body: (UnsafePointer<Int64>?, Int) -> Void) {
    shape.withUnsafeBytes { body($0.bindMemory(to: Int64.self).baseAddress, shape.count) }
  }
}

extension Tensor {
  /// Calls `body` with this tensor's own memory, to be filled. The tensor must be contiguous and on the CPU.
  public func withMutableBytes<Result, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(device == .cpu && isContiguous, "only contiguous tensors on the CPU can be written in place")
    var data: UnsafeMutableRawPointer?
    check(vt_tensor_data(handle, &data))
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeMutableRawBufferPointer(start: data, count: data == nil ? 0 : count * dtype.byteCount))
  }
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
