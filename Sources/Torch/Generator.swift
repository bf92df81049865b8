import CTorch

/// A source of random numbers for operators; its state can be saved and restored.
public final class Generator {
  let handle: vt_generator

  private init(_ handle: vt_generator) { self.handle = handle }

  /// A generator of its own for a device.
  public convenience init(seed: UInt64, device: Device = .cpu) {
    var out = vt_generator()
    check(vt_generator_create(device.code, seed, &out))
    self.init(out)
  }

  deinit { vt_generator_free(handle) }

  /// The generator that libtorch's operators draw from when none is given. Nothing of Vitrail does: every random number
  /// has a key.
  public static func `default`(on device: Device) -> Generator {
    var out = vt_generator()
    check(vt_generator_default(device.code, &out))
    return Generator(out)
  }

  /// The whole state, uint8 [n] on the CPU: it changes with every draw.
  public var state: Tensor {
    var out = vt_tensor()
    check(vt_generator_state(handle, &out))
    return Tensor(out)
  }
}
