// Which class was taken for which.

/// Counts of (right class, predicted class), and what follows from them.
///
/// Only pairs that occur take memory, so that tens of thousands of classes are no burden.
public struct ConfusionMatrix: Sendable, Equatable {
  /// The names of the classes, in class order.
  public let classes: [String]
  /// Samples seen.
  public private(set) var numSamples = 0

  private var counts: [Pair: Int] = [:]
  private var numOfTarget: [Int]
  private var numOfPrediction: [Int]

  private struct Pair: Hashable {
    var target: Int
    var prediction: Int
  }

  /// Creates an empty matrix.
  public init(classes: [String]) {
    self.classes = classes
    numOfTarget = Array(repeating: 0, count: classes.count)
    numOfPrediction = numOfTarget
  }

  /// Adds a sample.
  public mutating func add(target: Int, prediction: Int) {
    precondition(
      classes.indices.contains(target) && classes.indices.contains(prediction),
      "classes \(target) and \(prediction) are not both below \(classes.count)")
    counts[Pair(target: target, prediction: prediction), default: 0] += 1
    numOfTarget[target] += 1
    numOfPrediction[prediction] += 1
    numSamples += 1
  }

  /// How many samples of one class were taken for another (or for itself).
  public subscript(target target: Int, prediction prediction: Int) -> Int {
    counts[Pair(target: target, prediction: prediction)] ?? 0
  }

  /// The counts as rows of right classes and columns of predicted ones.
  public var rows: [[Int]] {
    classes.indices.map { target in classes.indices.map { self[target: target, prediction: $0] } }
  }

  /// The number of samples of a class.
  public func support(of index: Int) -> Int { numOfTarget[index] }

  /// The share of the samples taken for a class that are of it, 0 to 1; nil if none was taken for it.
  public func precision(of index: Int) -> Double? {
    ratio(self[target: index, prediction: index], numOfPrediction[index])
  }

  /// The share of the samples of a class that were taken for it, 0 to 1; nil if there are none.
  public func recall(of index: Int) -> Double? { ratio(self[target: index, prediction: index], numOfTarget[index]) }

  /// The share of all samples that were taken for their class, 0 to 1; nil before the first.
  public var accuracy: Double? {
    ratio(classes.indices.reduce(0) { $0 + self[target: $1, prediction: $1] }, numSamples)
  }

  /// A confusion and how often it happened.
  public struct Confusion: Sendable, Equatable {
    /// The right class.
    public var target: Int
    /// The class it was taken for.
    public var prediction: Int
    /// How often.
    public var count: Int
  }

  /// The most frequent confusions, the most frequent first, then in class order.
  public func worstConfusions(_ limit: Int) -> [Confusion] {
    let wrong = counts.filter { $0.key.target != $0.key.prediction }
      .map { Confusion(target: $0.key.target, prediction: $0.key.prediction, count: $0.value) }
    return Array(
      wrong.sorted { ($1.count, $0.target, $0.prediction) < ($0.count, $1.target, $1.prediction) }.prefix(limit))
  }

  private func ratio(_ part: Int, _ whole: Int) -> Double? { whole > 0 ? Double(part) / Double(whole) : nil }
}

// Tables for people.

extension ConfusionMatrix {
  /// Precision, recall and number of samples of every class, as a table.
  public var classTable: String {
    func percent(_ value: Double?) -> String { value.map { formatted(100 * $0, decimals: 1) } ?? "-" }
    var table = TextTable(["class", "precision %", "recall %", "samples"], alignment: [.left, .right, .right, .right])
    for (index, name) in classes.enumerated() {
      table.append([name, percent(precision(of: index)), percent(recall(of: index)), "\(support(of: index))"])
    }
    return table.text
  }

  /// The counts as a table, true classes down and predicted ones across; above a number of classes the most frequent
  /// confusions instead.
  public func text(maximumClasses: Int = 20, maximumConfusions: Int = 20) -> String {
    if classes.count <= maximumClasses {
      var table = TextTable(
        ["true \\ predicted"] + classes, alignment: [.left] + Array(repeating: .right, count: classes.count))
      for (index, row) in rows.enumerated() { table.append([classes[index]] + row.map { "\($0)" }) }
      return table.text
    }
    var table = TextTable(["true", "predicted", "count"], alignment: [.left, .left, .right])
    for confusion in worstConfusions(maximumConfusions) {
      table.append([classes[confusion.target], classes[confusion.prediction], "\(confusion.count)"])
    }
    return table.text
  }
}
