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

  /// The generator that operators such as dropout draw from when none is given.
  public static func `default`(on device: Device) -> Generator {
    var out = vt_generator()
    check(vt_generator_default(device.code, &out))
    return Generator(out)
  }

  /// Takes over a state from outside.
  /// - Throws: `GeneratorStateError` where it is no state of such a generator.
  public func load(_ state: Tensor) throws {
    guard state.dtype == .uint8, state.shape == self.state.shape,
      vt_generator_set_state(handle, state.handle) == VT_OK
    else { throw GeneratorStateError() }
  }

  /// Starts anew from a seed.
  public func reseed(_ seed: UInt64) { check(vt_generator_set_seed(handle, seed)) }

  /// The whole state, uint8 [n] on the CPU, for a checkpoint.
  public var state: Tensor {
    get {
      var out = vt_tensor()
      check(vt_generator_state(handle, &out))
      return Tensor(out)
    }
    set { check(vt_generator_set_state(handle, newValue.handle)) }
  }
}

/// What was to be a generator's state is none.
public struct GeneratorStateError: Error, Equatable, CustomStringConvertible {
  /// One line.
  public var description: String { "the state of a random generator is damaged, or of another version of libtorch" }

  /// The error.
  public init() {}
}
