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

  /// The threads that one operator may use on the CPU. Results can depend on it, so checkpoints store it. How long they
  /// spin while they wait for each other follows what else the processors have to do.
  public static var numThreads: Int {
    get { Int(vt_num_threads()) }
    set {
      check(vt_set_num_threads(Int32(newValue)))
      if newValue > 1 { ThreadWaiting.watch() }
    }
  }

  /// Whether operators take their deterministic variants, where they have one; off at first. The CPU's are deterministic
  /// anyhow.
  public static var usesDeterministicOperators: Bool {
    get { vt_deterministic() }
    set { check(vt_set_deterministic(newValue)) }
  }
}
