import NN
import Settings
public import Torch

extension VisionTransformer {
  /// A model in float32 on the CPU with given weights, both from outside: no memory is taken before they are known to be
  /// of about one size. Positions are resampled where the weights were made for another image size.
  ///
  /// - Throws: `OptionsError` for an impossible shape, `WeightsSizeMismatch`, or `StateDictMismatch`.
  public convenience init(_ config: ViTConfig, weights: StateDict) throws {
    try config.validated(as: "the model's shape")
    let found = weights.entries.reduce(0.0) { $0 + Double($1.tensor.count) }
    // What is a little off is built, so that the message can name each tensor.
    guard Double(config.numParameters) <= 4 * found + 1e8 else {
      throw WeightsSizeMismatch(expected: config.numParameters, found: Int(found))
    }
    self.init(uninitialized: config, initialization: .timm, layers: WholeLayers())
    var weights = weights
    _ = fitPositions(&weights)
    try load(weights)
  }

  /// Loads weights with timm's names that were made for this architecture, but maybe for another image size or other
  /// classes: positions are resampled to this model's grid, and a head that does not fit is left out, so that the
  /// model's own stays.
  ///
  /// - Returns: what was changed, for the user to read.
  /// - Throws: `StateDictMismatch` if the weights do not fit even so; then nothing was loaded.
  @discardableResult
  public func loadPretrained(_ weights: StateDict) throws -> [WeightAdaptation] {
    var weights = weights
    var changes: [WeightAdaptation] = []
    let own = stateDict
    if let change = fitPositions(&weights) { changes.append(change) }
    let headNames = own.names.filter { $0.hasPrefix("head.") || $0.hasPrefix("head_dist.") }
    if let head = weights["head.weight"], head.ndim == 2 {
      if head.size(0) != numClasses {
        changes.append(.headReplaced(weightsClasses: head.size(0), modelClasses: numClasses))
        for name in headNames { weights[name] = nil }
      }
    } else if headNames.allSatisfy({ weights[$0] == nil }) {
      changes.append(.headMissing(modelClasses: numClasses))
    }
    let headIsAbsent = headNames.allSatisfy { weights[$0] == nil }
    try load(weights, allowingMissing: headIsAbsent ? Set(headNames) : [])
    return changes
  }

  private func fitPositions(_ weights: inout StateDict) -> WeightAdaptation? {
    let prefix = config.noEmbedClass ? 0 : config.numPrefixTokens
    guard let found = weights["pos_embed"], found.shape != positionEmbedding.positions.shape,
      found.shape.last == config.embedDim,
      let resized = PositionEmbedding.resized(found, toGrid: config.gridSize, numPrefixTokens: prefix)
    else { return nil }
    weights["pos_embed"] = resized
    let oldSize = Int(Double(found.size(1) - prefix).squareRoot().rounded())
    return .positionsResized(from: oldSize, to: config.gridSize)
  }
}

/// A change made to weights, or to the model, so that they fit each other; described in one line for the user.
public enum WeightAdaptation: Equatable, Sendable, CustomStringConvertible {
  /// Positions were resampled from one grid to another.
  case positionsResized(from: Int, to: Int)
  /// The weights' head is for another number of classes: the model keeps its freshly initialized one.
  case headReplaced(weightsClasses: Int, modelClasses: Int)
  /// The weights have no head: the model keeps its freshly initialized one.
  case headMissing(modelClasses: Int)

  /// One line.
  public var description: String {
    switch self {
    case .positionsResized(let from, let to):
      "position embedding resampled from \(from)x\(from) to \(to)x\(to) patches"
    case .headReplaced(let weights, let model):
      "the head of the weights is for \(weights) classes, the model has \(model): a new head is trained"
    case .headMissing(let model):
      "the weights have no head: a new one for \(model) classes is trained"
    }
  }
}

/// Weights that are far too few for the model that they are said to be of.
public struct WeightsSizeMismatch: Error, Equatable, CustomStringConvertible {
  /// Scalars of the model.
  public let expected: Int
  /// Scalars of the weights.
  public let found: Int

  /// One line.
  public var description: String {
    "the weights hold \(found) numbers, the model has \(expected). Use the model that the weights were made for"
  }
}
