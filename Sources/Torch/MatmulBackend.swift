import CTorch

/// Which library computes float32 matrix products on the CPU. Two backends differ in bits and, by processor, in speed.
public enum MatmulBackend: String, Sendable, CaseIterable, Codable {
  /// libtorch's default: MKL on x86-64, OpenBLAS or the Arm Compute Library on arm64.
  case native
  /// oneDNN, in the same libtorch.
  case oneDNN = "onednn"

  /// What can be asked for.
  public enum Choice: String, Sendable, CaseIterable, Codable {
    /// The backend that the weights were trained with, else `preferred`.
    case auto
    /// `MatmulBackend.native`
    case native
    /// `MatmulBackend.oneDNN`
    case oneDNN = "onednn"
    /// The backend that the weights were trained with, else the one that wins a race at the start.
    case fastest

    /// Whether this build of libtorch can do what is asked for.
    public var isAvailable: Bool { MatmulBackend(rawValue: rawValue)?.isAvailable ?? true }
  }

  private var code: Int32 { Int32(self == .oneDNN ? VT_MATMUL_ONEDNN : VT_MATMUL_NATIVE) }

  /// Whether this build of libtorch has the backend.
  public var isAvailable: Bool { vt_matmul_backend_available(code) }

  /// The backend in force for the process. Setting one that is not available traps.
  public static var current: MatmulBackend {
    get { vt_matmul_backend() == Int32(VT_MATMUL_ONEDNN) ? .oneDNN : .native }
    set {
      precondition(newValue.isAvailable, "this libtorch has no \(newValue.rawValue) backend")
      vt_set_matmul_backend(newValue.code)
    }
  }

  /// The backend that is taken where nothing else is said: oneDNN on x86-64, where it was faster on AMD's
  /// processors and level on Intel's (docs/engine.md has the figures), native elsewhere. A rule and not a race, so that the
  /// same command gives the same bits on a busy machine.
  public static var preferred: MatmulBackend {
    #if arch(x86_64)
      Self.oneDNN.isAvailable ? .oneDNN : .native
    #else
      .native
    #endif
  }

  /// The backend to compute with.
  /// - Parameters:
  ///   - choice: what was asked for.
  ///   - trained: what the weights were trained with: with it, results have the same bits again.
  ///   - device: where; the backends are those of the CPU.
  public static func chosen(
    _ choice: Choice = .auto, trainedWith trained: MatmulBackend? = nil, on device: Device
  ) -> MatmulBackend {
    if let found = [MatmulBackend(rawValue: choice.rawValue), trained].compactMap(\.self).first(where: \.isAvailable) {
      return found
    }
    guard device == .cpu else { return .native }
    return choice == .fastest ? measureFastest() : preferred
  }

  /// The backend that is faster here at this moment, found by timing one product of a ViT's shape with each; about 20 ms.
  /// On a busy machine the slower one may win.
  private static func measureFastest() -> MatmulBackend {
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
