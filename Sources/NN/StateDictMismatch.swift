/// Why a state dict does not fit a module. Lists everything that is wrong, not only the first fault.
public struct StateDictMismatch: Error, Equatable, CustomStringConvertible {
  /// A tensor whose shape is not the module's.
  public struct WrongShape: Equatable, Sendable {
    /// The dotted name.
    public let name: String
    /// The module's shape.
    public let expected: [Int]
    /// The state dict's shape.
    public let found: [Int]

    /// A mismatch of the two shapes.
    public init(name: String, expected: [Int], found: [Int]) {
      self.name = name
      self.expected = expected
      self.found = found
    }
  }

  /// Names that the module has and the state dict lacks.
  public var missing: [String] = []
  /// Names that the state dict has and the module lacks.
  public var unexpected: [String] = []
  /// Tensors of the wrong shape.
  public var wrongShapes: [WrongShape] = []

  /// Nothing wrong yet.
  public init() {}

  /// Whether there is nothing wrong.
  public var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && wrongShapes.isEmpty }

  /// One line; long lists are cut.
  public var description: String {
    let shapes = wrongShapes.map { "\($0.name) is \($0.found), the model has \($0.expected)" }
    let parts = [
      Self.listing("missing", missing), Self.listing("unexpected", unexpected), Self.listing("wrong shape", shapes),
    ]
    return "the weights do not fit the model: " + parts.compactMap { $0 }.joined(separator: "; ")
      + ". Use the model and the class count that the weights were made for"
  }

  private static func listing(_ label: String, _ items: [String]) -> String? {
    guard !items.isEmpty else { return nil }
    let shown = items.prefix(4).joined(separator: ", ")
    return "\(items.count) \(label) (\(shown)\(items.count > 4 ? ", ..." : ""))"
  }
}
