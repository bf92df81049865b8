public import Torch

/// What a module hands its members to. It builds the dotted names and can put another tensor in a member's place.
///
///     func visit(_ visitor: inout ParameterVisitor) {
///       visitor.parameter("weight", &weight)
///       visitor.submodule("attn", attention)
///     }
public struct ParameterVisitor {
  /// What a member is for.
  public enum Kind: Sendable {
    /// Trained by an optimizer, unless it is frozen.
    case parameter
    /// Saved and moved with the parameters, but never trained.
    case buffer
  }

  /// A member on its way through a visitor.
  public struct Member: Sendable {
    /// The dotted name from the root of the visit.
    public let name: String
    /// Parameter or buffer.
    public let kind: Kind
  }

  private var prefix = ""
  private let receiveTensor: (Member, Tensor) -> Tensor?
  private let receiveModule: ((String, any Module) -> Void)?

  /// A visitor that calls `onTensor` for every parameter and buffer, and puts what it returns, unless nil, in the
  /// member's place; and that calls `onModule` for every submodule before its members, with its dotted name.
  public init(
    onModule: ((String, any Module) -> Void)? = nil, onTensor: @escaping (Member, Tensor) -> Tensor?
  ) {
    receiveTensor = onTensor
    receiveModule = onModule
  }

  /// Visits a parameter.
  public mutating func parameter(_ name: String, _ tensor: inout Tensor) {
    receive(name, .parameter, &tensor)
  }

  /// Visits a parameter that may be absent.
  public mutating func parameter(_ name: String, _ tensor: inout Tensor?) {
    if var present = tensor {
      receive(name, .parameter, &present)
      tensor = present
    }
  }

  /// Visits a buffer.
  public mutating func buffer(_ name: String, _ tensor: inout Tensor) {
    receive(name, .buffer, &tensor)
  }

  /// Visits the members of a module under `name`; of a module that may be absent, too. With an empty name its members
  /// appear as the caller's own.
  public mutating func submodule(_ name: String, _ module: (any Module)?) {
    guard let module else { return }
    let outer = prefix
    let dotted = outer + name
    receiveModule?(dotted, module)
    if !name.isEmpty { prefix = dotted + "." }
    module.visit(&self)
    prefix = outer
  }

  /// Visits a list of modules as `name.0`, `name.1` and so on.
  public mutating func submodules(_ name: String, _ modules: [any Module]) {
    for (index, module) in modules.enumerated() {
      submodule("\(name).\(index)", module)
    }
  }

  private func receive(_ name: String, _ kind: Kind, _ tensor: inout Tensor) {
    if let replacement = receiveTensor(Member(name: prefix + name, kind: kind), tensor) {
      tensor = replacement
    }
  }
}
