import CTorch

/// An n-dimensional array on a device, differentiable where it requires gradients.
///
/// A reference to libtorch's tensor: copies of the reference share memory, and views share it too. Memory goes back when
/// the last reference goes, so rebind (`x = block(x)`) rather than naming every intermediate. Not `Sendable`: compute
/// code is synchronous, and belongs to one thread at a time.
///
/// A wrong shape or dtype is the programmer's mistake and traps, with the operator's name and the operands' shapes; see
/// `recovering(_:)` for failures that are not.
public final class Tensor {
  let handle: vt_tensor

  init(_ handle: vt_tensor) { self.handle = handle }

  deinit { vt_tensor_free(handle) }

  /// The number of dimensions.
  public var ndim: Int {
    var out = 0
    check(vt_tensor_ndim(handle, &out))
    return out
  }

  /// The sizes of all dimensions.
  public var shape: [Int] {
    let ndim = ndim
    return [Int](unsafeUninitializedCapacity: ndim) { buffer, count in
      buffer.withMemoryRebound(to: Int64.self) { check(vt_tensor_sizes(handle, $0.baseAddress)) }
      count = ndim
    }
  }

  /// The steps, in elements, from one element to the next along each dimension.
  public var strides: [Int] {
    let ndim = ndim
    return [Int](unsafeUninitializedCapacity: ndim) { buffer, count in
      buffer.withMemoryRebound(to: Int64.self) { check(vt_tensor_strides(handle, $0.baseAddress)) }
      count = ndim
    }
  }

  /// The size of one dimension; negative dims count from the end.
  public func size(_ dim: Int) -> Int {
    var out: Int64 = 0
    check(vt_tensor_size(handle, Int64(dim), &out))
    return Int(out)
  }

  /// The number of elements.
  public var count: Int {
    var out: Int64 = 0
    check(vt_tensor_count(handle, &out))
    return Int(out)
  }

  /// The type of the elements.
  public var dtype: DType {
    var out = vt_dtype(VT_FLOAT32)
    check(vt_tensor_dtype(handle, &out))
    return DType(code: out)
  }

  /// Where the tensor lives.
  public var device: Device {
    var out = vt_device()
    check(vt_tensor_device(handle, &out))
    return Device(code: out)
  }

  /// Whether elements lie in memory in row-major order without gaps.
  public var isContiguous: Bool {
    var out = false
    check(vt_tensor_is_contiguous(handle, &out))
    return out
  }

  /// The single element as a Double. Waits for the device.
  public func item() -> Double {
    HostReads.add()
    var out = 0.0
    check(vt_tensor_item(handle, &out))
    return out
  }

  /// The single element as an Int. Waits for the device.
  public func itemInt() -> Int {
    HostReads.add()
    var out: Int64 = 0
    check(vt_tensor_item_int(handle, &out))
    return Int(out)
  }
}

extension Tensor: CustomStringConvertible {
  /// The shape, dtype and device, and the elements of a small tensor: `Tensor(float32 [2, 2], cpu): [1.0, 2.0, 3.0, 4.0]`.
  public var description: String {
    let head = "Tensor(\(dtype) \(shape), \(device))"
    return count <= 16 ? "\(head): \(doubles())" : head
  }
}
