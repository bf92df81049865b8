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
