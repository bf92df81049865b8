public import Torch

/// A part of a network that holds parameters, buffers or other modules, and lists them.
///
/// A module names each of its members once, in the order of their declaration, in `visit`. Everything that needs to
/// know the members goes through that: state dicts, parameter groups, moves between devices. The names are timm's.
/// A module carries no training flag: `ForwardContext` says how a forward pass is meant.
public protocol Module: AnyObject {
  /// Hands every member to the visitor, in the order of declaration.
  func visit(_ visitor: inout ParameterVisitor)
}

extension Module {
  /// Every parameter with its dotted name, in order.
  public var namedParameters: [NamedTensor] { members(of: .parameter) }

  /// Every buffer with its dotted name, in order.
  public var namedBuffers: [NamedTensor] { members(of: .buffer) }

  /// Every parameter, in order.
  public var parameters: [Tensor] { namedParameters.map(\.tensor) }

  /// The number of scalars in all parameters.
  public var numParameters: Int { namedParameters.reduce(0) { $0 + $1.tensor.count } }

  /// Replaces every parameter and buffer by what `transform` makes of it. A replaced parameter is a new leaf with no
  /// gradient, so optimizers and weight averages must be built after this, not before.
  public func replaceTensors(_ transform: @escaping (Tensor) -> Tensor) {
    var visitor = ParameterVisitor { member, tensor in
      let replacement = withoutGrad { transform(tensor).detach() }
      replacement.requiresGrad = member.kind == .parameter && tensor.requiresGrad
      return replacement
    }
    visit(&visitor)
  }

  /// Moves every parameter and buffer to `device`. See `replaceTensors`.
  public func move(to device: Device) {
    replaceTensors { $0.to(device) }
  }

  /// Converts every floating-point parameter and buffer to `dtype`. See `replaceTensors`.
  public func convert(to dtype: DType) {
    replaceTensors { $0.dtype.isFloatingPoint ? $0.to(dtype) : $0 }
  }

  /// Lets every parameter take part in differentiation, or none of them.
  public func setRequiresGrad(_ requiresGrad: Bool) {
    for parameter in parameters { parameter.requiresGrad = requiresGrad }
  }

  /// Drops the gradient of every parameter.
  public func zeroGrad() {
    for parameter in parameters { parameter.grad = nil }
  }

  private func members(of kind: ParameterVisitor.Kind) -> [NamedTensor] {
    var found: [NamedTensor] = []
    var visitor = ParameterVisitor { member, tensor in
      if member.kind == kind { found.append(NamedTensor(member.name, tensor)) }
      return nil
    }
    visit(&visitor)
    return found
  }
}

extension Tensor {
  /// A float32 tensor on the CPU, filled with `value`, that is trained.
  public static func parameter(_ shape: [Int], filledWith value: Double = 0) -> Tensor {
    let tensor = Tensor.full(shape, value)
    tensor.requiresGrad = true
    return tensor
  }
}
