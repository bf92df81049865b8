/// Layouts are always strided, and memory is pinned by request alone.
private let layout: Int? = nil

extension Tensor {
  /// All zero.
  public static func zeros(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) -> Tensor {
    Aten.zeros(shape, dtype, layout, device)
  }

  /// All one.
  public static func ones(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) -> Tensor {
    Aten.ones(shape, dtype, layout, device)
  }

  /// All `value`.
  public static func full(_ shape: [Int], _ value: Double, dtype: DType = .float32, device: Device = .cpu) -> Tensor {
    Aten.full(shape, value, dtype, layout, device)
  }

  /// Elements that have no defined value yet.
  /// - Parameter pinned: whether they lie in pinned memory of the host, from which a GPU copies by itself; only where there
  ///   is one.
  public static func empty(
    _ shape: [Int], dtype: DType = .float32, device: Device = .cpu, pinned: Bool = false
  ) -> Tensor {
    Aten.empty(shape, dtype, layout, device, pinned)
  }

  /// `start`, `start + 1`, ... up to but not including `end`: [end - start].
  public static func arange(_ start: Int = 0, _ end: Int, dtype: DType = .int64, device: Device = .cpu) -> Tensor {
    Aten.arange(start, end, dtype, layout, device)
  }

  /// `steps` values from `start` to `end`, both included: [steps].
  public static func linspace(
    _ start: Double, _ end: Double, steps: Int, dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    Aten.linspace(start, end, steps, dtype, layout, device)
  }

  /// Standard normal values from `generator`, or from the device's default one.
  public static func randn(
    _ shape: [Int], generator: Generator? = nil, dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    Aten.randn(shape, generator, dtype, layout, device)
  }

  /// Uniform values in [0, 1).
  public static func rand(
    _ shape: [Int], generator: Generator? = nil, dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    Aten.rand(shape, generator, dtype, layout, device)
  }

  /// Uniform integers of a half-open range.
  public static func randint(
    _ range: Range<Int>, _ shape: [Int], generator: Generator? = nil, dtype: DType = .int64, device: Device = .cpu
  ) -> Tensor {
    Aten.randint(range.lowerBound, range.upperBound, shape, generator, dtype, layout, device)
  }

  /// All zero, of this tensor's shape, dtype and device.
  public func zerosLike() -> Tensor { Aten.zerosLike(self) }

  /// All one, of this tensor's shape, dtype and device.
  public func onesLike() -> Tensor { Aten.onesLike(self) }

  /// All `value`, of this tensor's shape, dtype and device.
  public func fullLike(_ value: Double) -> Tensor { Aten.fullLike(self, value) }

  /// Undefined values, of this tensor's shape, dtype and device.
  public func emptyLike() -> Tensor { Aten.emptyLike(self) }

  /// Tensors of equal shape but for `dim`, one after the other along it.
  public static func concatenated(_ tensors: [Tensor], dim: Int = 0) -> Tensor { Aten.cat(tensors, dim) }

  /// Tensors of equal shape along a new dimension `dim`.
  public static func stacked(_ tensors: [Tensor], dim: Int = 0) -> Tensor { Aten.stack(tensors, dim) }
}
