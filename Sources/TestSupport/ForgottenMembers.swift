public import NN
import Torch

/// The stored tensors and modules that no `visit` mentions, as `Type.property`, in `root` and every module below it.
public func forgottenMembers(of root: any Module) -> [String] {
  var modules: [any Module] = [root]
  var visited: Set<ObjectIdentifier> = [ObjectIdentifier(root)]
  var visitor = ParameterVisitor(
    onModule: { _, module in
      modules.append(module)
      visited.insert(ObjectIdentifier(module))
    },
    onTensor: { _, tensor in
      visited.insert(ObjectIdentifier(tensor))
      return nil
    })
  root.visit(&visitor)
  return modules.flatMap { module in
    Mirror(reflecting: module).children.flatMap { child in
      members(in: child.value).filter { !visited.contains(ObjectIdentifier($0)) }
        .map { _ in "\(type(of: module)).\(child.label ?? "?")" }
    }
  }
}

/// The tensors and modules that a stored property holds: itself, or inside an optional, an array or a dictionary.
private func members(in value: Any) -> [AnyObject] {
  if let tensor = value as? Tensor { return [tensor] }
  if let module = value as? any Module { return [module] }
  let mirror = Mirror(reflecting: value)
  switch mirror.displayStyle {
  case .optional, .collection, .dictionary, .tuple: return mirror.children.flatMap { members(in: $0.value) }
  default: return []
  }
}
