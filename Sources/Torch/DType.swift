import CTorch

/// The type of a tensor's elements. A closed set: a code that libtorch does not know would crash it.
public enum DType: String, Sendable, CaseIterable, Codable, CustomStringConvertible {
  case uint8, int8, int16, int32, int64
  case float16, bfloat16, float32, float64
  case bool

  var code: vt_dtype {
    switch self {
    case .uint8: vt_dtype(VT_UINT8)
    case .int8: vt_dtype(VT_INT8)
    case .int16: vt_dtype(VT_INT16)
    case .int32: vt_dtype(VT_INT32)
    case .int64: vt_dtype(VT_INT64)
    case .float16: vt_dtype(VT_FLOAT16)
    case .bfloat16: vt_dtype(VT_BFLOAT16)
    case .float32: vt_dtype(VT_FLOAT32)
    case .float64: vt_dtype(VT_FLOAT64)
    case .bool: vt_dtype(VT_BOOL)
    }
  }

  init(code: vt_dtype) {
    guard let known = Self.allCases.first(where: { $0.code == code }) else {
      preconditionFailure("unknown dtype code \(code)")
    }
    self = known
  }

  /// The bytes of one element.
  public var byteCount: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .int16, .float16, .bfloat16: 2
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }

  /// Whether elements are floating-point numbers, and so can have gradients.
  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }

  /// The name in PyTorch's words, such as `float32`.
  public var description: String { rawValue }
}

/// A Swift type whose values can be the elements of a tensor.
public protocol TensorElement: Sendable, BitwiseCopyable {
  /// The dtype with the same bits.
  static var dtype: DType { get }
}

extension UInt8: TensorElement {
  /// `.uint8`
  public static var dtype: DType { .uint8 }
}
extension Int8: TensorElement {
  /// `.int8`
  public static var dtype: DType { .int8 }
}
extension Int16: TensorElement {
  /// `.int16`
  public static var dtype: DType { .int16 }
}
extension Int32: TensorElement {
  /// `.int32`
  public static var dtype: DType { .int32 }
}
extension Int64: TensorElement {
  /// `.int64`
  public static var dtype: DType { .int64 }
}
extension Int: TensorElement {
  /// `.int64`
  public static var dtype: DType { .int64 }
}
extension Float: TensorElement {
  /// `.float32`
  public static var dtype: DType { .float32 }
}
extension Double: TensorElement {
  /// `.float64`
  public static var dtype: DType { .float64 }
}
extension Bool: TensorElement {
  /// `.bool`
  public static var dtype: DType { .bool }
}
