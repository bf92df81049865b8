import CTorch

extension Tensor {
  /// Whether gradients are computed for this tensor. Can be set on leaves of a floating-point dtype.
  public var requiresGrad: Bool {
    get {
      var out = false
      check(vt_requires_grad(handle, &out))
      return out
    }
    set { check(vt_set_requires_grad(handle, newValue)) }
  }

  /// The accumulated gradient, of the tensor's shape and dtype; nil when none was computed, or after setting nil.
  public var grad: Tensor? {
    get {
      var out = vt_tensor()
      check(vt_grad(handle, &out))
      return out.impl == nil ? nil : Tensor(out)
    }
    set { check(vt_set_grad(handle, newValue?.handle ?? vt_tensor())) }
  }

  /// Puts the memory of `data`, of this tensor's shape and dtype, behind this tensor, which stays the leaf that it is:
  /// PyTorch's `tensor.data = data`.
  public func setData(_ data: Tensor) { check(vt_set_data(handle, data.handle)) }

  /// Whether both refer to one tensor of libtorch, and so also share its gradient.
  public func isSame(as other: Tensor) -> Bool { vt_is_same(handle, other.handle) }

  /// Adds the gradients of this tensor to those of the leaves it was computed from.
  /// - Parameters:
  ///   - gradient: the gradient of the outcome with respect to this tensor; may be left out for a scalar.
  ///   - retainingGraph: keep what a second backward would need.
  public func backward(_ gradient: Tensor? = nil, retainingGraph: Bool = false) {
    check(vt_backward(handle, gradient?.handle ?? vt_tensor(), retainingGraph))
  }
}

/// Runs `body` without recording what gradients would need, on this thread.
public func withoutGrad<Result>(_ body: () throws -> Result) rethrows -> Result {
  try withGradientMode(false, body)
}

/// Runs `body` with gradient recording on, on this thread.
public func withGrad<Result>(_ body: () throws -> Result) rethrows -> Result {
  try withGradientMode(true, body)
}

private func withGradientMode<Result>(_ enabled: Bool, _ body: () throws -> Result) rethrows -> Result {
  let before = vt_grad_mode()
  vt_set_grad_mode(enabled)
  defer { vt_set_grad_mode(before) }
  return try body()
}

/// What `body` makes of `x`, keeping nothing but `x` for the backward pass, in which `body` runs again: activation
/// checkpointing (Chen et al. 2016, arXiv:1604.06174).
///
/// Gradients of `x`, and of whatever else `body` computes with, are those that `body(x)` gives, to the bit, as long as
/// `body` computes the same both times; what it computes with must not change before the backward pass. (A tensor that
/// other parts of the graph compute with too gets its gradients added up in another order.) Both times it runs
/// under the autocast that is in force now, on the thread that computes the backward pass: on the CPU, the one that asks
/// for it. `body` goes when the graph does, whether there was a backward pass or not. Where gradients are off it runs
/// once, and is not kept.
public func recomputed(_ x: Tensor, _ body: @escaping (Tensor) -> Tensor) -> Tensor {
  guard vt_grad_mode() else { return body(x) }
  let device = x.device
  var isAutocasting = false
  var dtype = vt_dtype(VT_BFLOAT16)
  check(vt_autocast(device.kind.code, &isAutocasting, &dtype))
  let autocast = isAutocasting ? DType(code: dtype) : nil
  // A scope of its own each time: casts of weights that were made without gradients must not be found by other code.
  let computation = Recomputation { input in withAutocast(to: autocast, on: device) { body(input) } }
  let output = withoutGrad { computation.body(x) }
  var out = vt_tensor()
  check(vt_recomputed(x.handle, output.handle, computation.retained, &out))
  return Tensor(out)
}

/// A closure that the shim calls and lets go of.
private final class Recomputation {
  let body: (Tensor) -> Tensor

  init(_ body: @escaping (Tensor) -> Tensor) { self.body = body }

  /// For the shim, which has to release it.
  var retained: vt_recomputation {
    vt_recomputation(
      context: Unmanaged.passRetained(self).toOpaque(),
      call: { context, input, result in
        let output = Unmanaged<Recomputation>.fromOpaque(context!).takeUnretainedValue().body(Tensor(input))
        check(vt_recomputed_output(output.handle, result))
      },
      release: { Unmanaged<Recomputation>.fromOpaque($0!).release() })
  }
}

/// Whether autocast can compute a vision transformer in `dtype` on `device`, forward and backward; found by trying its
/// operators once on a few numbers.
public func supportsAutocast(to dtype: DType, on device: Device) -> Bool {
  var works = false
  check(vt_autocast_probe(device.code, dtype.code, &works))
  return works
}

/// Runs `body` with the operators that gain from it computed in a 16-bit type, on this thread.
/// - Parameter dtype: `.bfloat16` or `.float16`; nil runs `body` as it is.
public func withAutocast<Result>(
  to dtype: DType?, on device: Device, _ body: () throws -> Result
) rethrows -> Result {
  guard let dtype else { return try body() }
  var wasEnabled = false
  var before = vt_dtype(VT_BFLOAT16)
  check(vt_autocast(device.kind.code, &wasEnabled, &before))
  check(vt_set_autocast(device.kind.code, true, dtype.code))
  defer { check(vt_set_autocast(device.kind.code, wasEnabled, before)) }
  return try body()
}
