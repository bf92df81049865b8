// What each optimizer keeps of a parameter. One table; a test holds it against the state of the real ones.

public import Optim
public import Settings
public import VisionModels

/// The size of an optimizer's state.
public struct OptimizerStateSize: Sendable, Equatable {
  /// How the numbers kept depend on a parameter's shape.
  enum Kind: Sendable, Equatable {
    /// So many for each scalar.
    case each(Int)
    /// The means along the two longest dims where both have `minDim` at least (Shazeer, Stern 2018, arXiv:1804.04235), else
    /// a number for each scalar; and so many more for each scalar.
    case factored(minDim: Int, and: Int)
    /// Two rules: for the matrices of the blocks, and for all else (Muon with AdamW beside it).
    case byShape(matrices: Int, others: Int)
  }

  /// The optimizer's name in recipes.
  public let optimizer: String
  let kind: Kind

  /// The state of an optimizer with these settings; nil for one that the table does not know.
  public init?(_ settings: Tagged<OptimizerRegistry>) {
    self.init(name: settings.name, settings: OptionsEncoder.encode(settings))
  }

  /// The state by the name and the settings of a recipe.
  init?(name: String, settings: OptionsValue = .mapping([])) {
    func isPositive(_ key: String, otherwise value: Bool) -> Bool {
      switch settings[key] {
      case .double(let number): number > 0
      case .int(let number): number > 0
      case .null: false
      default: value
      }
    }
    switch name {
    case "sgd", "lars": kind = .each(isPositive("momentum", otherwise: true) ? 1 : 0)
    case "lion": kind = .each(1)
    case "adam", "adamw", "nadamw", "lamb": kind = .each(2)
    case "adan": kind = .each(4)
    case "adafactor":
      let minDim: Int = if case .int(let set) = settings["min_dim_size_to_factor"] { Int(set) } else { 16 }
      kind = .factored(minDim: minDim, and: isPositive("momentum", otherwise: true) ? 1 : 0)
    case "muon": kind = .byShape(matrices: 1, others: 2)
    default: return nil
    }
    optimizer = name
  }

  /// The numbers kept of one parameter.
  /// - Parameter isInBlock: whether it is one of a block's, listed without the block's own name.
  public func count(of parameter: ParameterShape, isInBlock: Bool = false) -> Double {
    let count = Double(parameter.count)
    let isMatrix = parameter.shape.count >= 2 && parameter.shape.filter { $0 > 1 }.count >= 2
    switch kind {
    case .each(let number): return Double(number) * count
    case .factored(let minDim, let number):
      let longest = parameter.shape.sorted(by: >).prefix(2)
      let isFactored = longest.count == 2 && longest.allSatisfy { $0 >= minDim }
      return (isFactored ? longest.reduce(0) { $0 + count / Double($1) } : count) + Double(number) * count
    case .byShape(let matrices, let others):
      return Double(isMatrix && (isInBlock || parameter.name.hasPrefix("blocks.")) ? matrices : others) * count
    }
  }
}
