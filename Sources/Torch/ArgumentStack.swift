import CTorch

/// The arguments of one operator call, under construction. C++ owns copies of everything pushed, so that nothing
/// borrowed from Swift outlives its push.
struct ArgumentStack: ~Copyable {
  let raw: vt_stack

  init(_ op: vt_op) {
    var stack = vt_stack()
    check(vt_stack_begin(op, &stack))
    raw = stack
  }

  deinit { vt_stack_end(raw) }
}

/// A value that can be an argument of an operator.
public protocol TorchArgument {
  /// Pushes a copy of the value. `stack` is opaque outside of this module.
  func push(onto stack: borrowing PushTarget)
}

/// The far end of a push.
public struct PushTarget: ~Copyable {
  let raw: vt_stack
  init(_ raw: vt_stack) { self.raw = raw }
}

extension Tensor: TorchArgument {
  /// Pushes a reference to the tensor.
  public func push(onto stack: borrowing PushTarget) { check(vt_push_tensor(stack.raw, handle)) }
}

extension Int: TorchArgument {
  /// Widened where the operator takes a floating-point number.
  public func push(onto stack: borrowing PushTarget) { check(vt_push_int(stack.raw, Int64(self))) }
}

extension Double: TorchArgument {
  /// Refused where the operator takes an integer.
  public func push(onto stack: borrowing PushTarget) { check(vt_push_double(stack.raw, self)) }
}

extension Bool: TorchArgument {
  /// Pushes the truth value.
  public func push(onto stack: borrowing PushTarget) { check(vt_push_bool(stack.raw, self)) }
}

extension String: TorchArgument {
  /// Pushes the string's UTF-8.
  public func push(onto stack: borrowing PushTarget) {
    var copy = self
    copy.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { check(vt_push_string(stack.raw, $0.baseAddress, $0.count)) }
    }
  }
}

extension DType: TorchArgument {
  /// Pushes the dtype; refused where the operator takes a number.
  public func push(onto stack: borrowing PushTarget) { check(vt_push_dtype(stack.raw, code)) }
}

extension Device: TorchArgument {
  /// Pushes the device.
  public func push(onto stack: borrowing PushTarget) { check(vt_push_device(stack.raw, code)) }
}

extension Generator: TorchArgument {
  /// Pushes a reference to the generator.
  public func push(onto stack: borrowing PushTarget) { check(vt_push_generator(stack.raw, handle)) }
}

extension Optional: TorchArgument where Wrapped: TorchArgument {
  /// Pushes the value, or the operator's "none".
  public func push(onto stack: borrowing PushTarget) {
    if let value = self { value.push(onto: stack) } else { check(vt_push_none(stack.raw)) }
  }
}

/// A value whose lists can be arguments of an operator.
public protocol TorchListElement {
  /// Pushes the whole list.
  static func push(_ list: [Self], onto stack: borrowing PushTarget)
}

extension Array: TorchArgument where Element: TorchListElement {
  /// Pushes the list.
  public func push(onto stack: borrowing PushTarget) { Element.push(self, onto: stack) }
}

extension Int: TorchListElement {
  /// Pushes a list of integers.
  public static func push(_ list: [Int], onto stack: borrowing PushTarget) {
    list.withUnsafeBytes { check(vt_push_ints(stack.raw, $0.bindMemory(to: Int64.self).baseAddress, list.count)) }
  }
}

extension Double: TorchListElement {
  /// Pushes a list of floating-point numbers.
  public static func push(_ list: [Double], onto stack: borrowing PushTarget) {
    list.withUnsafeBufferPointer { check(vt_push_doubles(stack.raw, $0.baseAddress, $0.count)) }
  }
}

extension Bool: TorchListElement {
  /// Pushes a list of truth values.
  public static func push(_ list: [Bool], onto stack: borrowing PushTarget) {
    list.withUnsafeBufferPointer { check(vt_push_bools(stack.raw, $0.baseAddress, $0.count)) }
  }
}

extension Tensor: TorchListElement {
  /// Pushes a list of tensors.
  public static func push(_ list: [Tensor], onto stack: borrowing PushTarget) {
    pushHandles(list.map(\.handle), onto: stack)
    withExtendedLifetime(list) {}
  }

  fileprivate static func pushHandles(_ handles: [vt_tensor], onto stack: borrowing PushTarget) {
    handles.withUnsafeBufferPointer { check(vt_push_tensors(stack.raw, $0.baseAddress, $0.count)) }
  }
}

extension Optional: TorchListElement where Wrapped == Tensor {
  /// Pushes a list in which some tensors are absent, as indexing takes them.
  public static func push(_ list: [Tensor?], onto stack: borrowing PushTarget) {
    Tensor.pushHandles(list.map { $0?.handle ?? vt_tensor() }, onto: stack)
    withExtendedLifetime(list) {}
  }
}
