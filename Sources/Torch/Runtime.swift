import CTorch

/// Settings of libtorch that hold for the whole process.
public enum Runtime {
  /// The version of libtorch that this was compiled against, such as `2.13.0`.
  public static var torchVersion: String { String(cString: vt_torch_version()) }

  /// libtorch's description of its build: BLAS, oneDNN, instruction sets; several lines.
  public static var torchConfiguration: String {
    final class Box { var text = "" }
    let box = Box()
    check(
      vt_torch_config(
        { bytes, count, context in
          guard let bytes, let context else { return }
          let text = String(
            decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
          Unmanaged<Box>.fromOpaque(context).takeUnretainedValue().text = text
        }, Unmanaged.passUnretained(box).toOpaque()))
    return box.text
  }

  /// The threads that one operator may use on the CPU. Results can depend on it, so checkpoints store it.
  public static var numThreads: Int {
    get { Int(vt_num_threads()) }
    set { check(vt_set_num_threads(Int32(newValue))) }
  }

  /// Whether operators take their deterministic variants, where they have one; off at first. The CPU's are deterministic
  /// anyhow.
  public static var usesDeterministicOperators: Bool {
    get { vt_deterministic() }
    set { check(vt_set_deterministic(newValue)) }
  }
}

/// Which library computes float32 matrix products on the CPU. Two backends differ in bits and, by processor, in speed.
public enum ProductBackend: String, Sendable, CaseIterable, Codable {
  /// libtorch's default: MKL on x86-64, OpenBLAS or the Arm Compute Library on arm64.
  case native
  /// oneDNN, in the same libtorch.
  case oneDNN = "onednn"

  private var code: Int32 { Int32(self == .oneDNN ? VT_PRODUCTS_ONEDNN : VT_PRODUCTS_NATIVE) }

  /// Whether this build of libtorch has the backend.
  public var isAvailable: Bool { vt_product_backend_available(code) }

  /// The backend in force for the process. Setting one that is not available traps.
  public static var current: ProductBackend {
    get { vt_product_backend() == Int32(VT_PRODUCTS_ONEDNN) ? .oneDNN : .native }
    set {
      precondition(newValue.isAvailable, "this libtorch has no \(newValue.rawValue) products")
      vt_set_product_backend(newValue.code)
    }
  }

  /// The backend that is faster here, found by timing one product of a ViT's shape with each; about 20 ms.
  public static func measureFastest() -> ProductBackend {
    guard Self.oneDNN.isAvailable else { return .native }
    return Self.oneDNN.measureSpeed() > Self.native.measureSpeed() ? .oneDNN : .native
  }

  /// Floating-point operations in a second of one product of a ViT's shape, the best of three. The backend must be
  /// available; the one in force stays.
  public func measureSpeed() -> Double {
    let before = Self.current
    defer { Self.current = before }
    Self.current = self
    return withoutGrad {
      let x = Tensor.full([1576, 192], 0.5)
      let weight = Tensor.full([768, 192], 0.25)
      _ = x.linear(weight)
      let clock = ContinuousClock()
      let best = (0..<3).map { _ in clock.measure { _ = x.linear(weight) } }.min()!
      let seconds = Double(best.components.seconds) + Double(best.components.attoseconds) * 1e-18
      return 2 * 1576 * 192 * 768 / max(seconds, 1e-9)
    }
  }
}
