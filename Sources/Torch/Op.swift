import CTorch

/// An operator of libtorch, or of the `vitrail::` library, found once by its schema's name.
///
/// ```swift
/// enum Aten { static let mm = Op("aten::mm") }
/// let product = Aten.mm(a, b)
/// ```
/// Missing trailing arguments take the schema's defaults. A wrong number or kind of arguments traps with the operator's
/// and the argument's name.
public struct Op: @unchecked Sendable {
  // The schema is immutable and lives as long as the process.
  private let op: vt_op

  /// Finds an operator; traps if this libtorch has none of that name.
  public init(_ name: String, _ overload: String = "") {
    var out = vt_op()
    check(vt_op_find(name, overload, &out))
    op = out
  }

  /// Finds an operator that this libtorch may lack.
  public init?(ifPresent name: String, _ overload: String = "") {
    guard vt_op_exists(name, overload) else { return nil }
    self.init(name, overload)
  }

  /// Calls an operator that returns one tensor.
  public func callAsFunction<each A: TorchArgument>(_ arguments: repeat each A) -> Tensor {
    let stack = ArgumentStack(op)
    run(stack, repeat each arguments, expecting: 1)
    return Tensor.read(stack, 0)
  }

  /// Calls an operator that returns nothing.
  public func void<each A: TorchArgument>(_ arguments: repeat each A) {
    let stack = ArgumentStack(op)
    run(stack, repeat each arguments, expecting: 0)
  }

  /// Calls an operator that returns a list of tensors.
  public func list<each A: TorchArgument>(_ arguments: repeat each A) -> [Tensor] {
    let stack = ArgumentStack(op)
    run(stack, repeat each arguments, expecting: 1)
    var count = 0
    check(vt_result_tensors_count(stack.raw, 0, &count))
    return (0..<count).map { element in
      var out = vt_tensor()
      check(vt_result_tensors_get(stack.raw, 0, element, &out))
      return Tensor(out)
    }
  }

  /// Calls an operator that returns two tensors.
  public func pair<each A: TorchArgument>(_ arguments: repeat each A) -> (Tensor, Tensor) {
    let stack = ArgumentStack(op)
    run(stack, repeat each arguments, expecting: 2)
    return (Tensor.read(stack, 0), Tensor.read(stack, 1))
  }

  /// Calls an operator that returns three tensors.
  public func triple<each A: TorchArgument>(_ arguments: repeat each A) -> (Tensor, Tensor, Tensor) {
    let stack = ArgumentStack(op)
    run(stack, repeat each arguments, expecting: 3)
    return (Tensor.read(stack, 0), Tensor.read(stack, 1), Tensor.read(stack, 2))
  }

  /// Calls an operator that returns a truth value.
  public func bool<each A: TorchArgument>(_ arguments: repeat each A) -> Bool {
    let stack = ArgumentStack(op)
    run(stack, repeat each arguments, expecting: 1)
    var out = false
    check(vt_result_bool(stack.raw, 0, &out))
    return out
  }

  private func run<each A: TorchArgument>(
    _ stack: borrowing ArgumentStack, _ arguments: repeat each A, expecting expected: Int
  ) {
    let target = PushTarget(stack.raw)
    repeat (each arguments).push(onto: target)
    var results = expected
    check(vt_stack_call(stack.raw, &results))
    precondition(results == expected, "the operator returned \(results) values, \(expected) expected")
  }
}

extension Tensor {
  /// The result at an index; a tensor without content while a failure is pending.
  static func read(_ stack: borrowing ArgumentStack, _ index: Int) -> Tensor {
    var out = vt_tensor()
    check(vt_result_tensor(stack.raw, index, &out))
    return Tensor(out)
  }
}
