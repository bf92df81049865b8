// Top-k accuracy over whole data sets.

/// Counts how often the right class is among the k highest scores.
///
/// Among equal scores the class with the lower index comes first, as `argmax` has it. A row with a score that is not a
/// number is wrong for every k.
public struct Accuracy: Sendable, Equatable {
  /// The k's that are counted, ascending.
  public let topK: [Int]
  /// Samples seen.
  public private(set) var numSamples = 0
  private var numCorrect: [Int]

  /// Creates a counter.
  ///
  /// - Parameter topK: The k's; one above the number of classes counts every sample as correct.
  public init(topK: [Int] = [1, 5]) {
    precondition(!topK.isEmpty && topK.allSatisfy { $0 > 0 }, "top-k needs positive k's, not \(topK)")
    self.topK = Set(topK).sorted()
    numCorrect = Array(repeating: 0, count: self.topK.count)
  }

  /// Adds a batch.
  ///
  /// - Parameters:
  ///   - logits: Scores [targets.count, numClasses], row by row.
  ///   - targets: The right class of each row.
  public mutating func add(logits: [Float], targets: [Int]) {
    guard !targets.isEmpty else {
      precondition(logits.isEmpty, "\(logits.count) logits for no target")
      return
    }
    let numClasses = logits.count / targets.count
    precondition(
      numClasses > 0 && logits.count == numClasses * targets.count,
      "\(logits.count) logits do not make \(targets.count) rows")
    for (row, target) in targets.enumerated() {
      precondition((0..<numClasses).contains(target), "target \(target) is not one of \(numClasses) classes")
      add(rank: Self.rank(of: target, in: logits[row * numClasses..<(row + 1) * numClasses]))
    }
  }

  /// Adds a sample whose right class has a number of classes before it; nil if its scores are no numbers.
  public mutating func add(rank: Int?) {
    numSamples += 1
    guard let rank else { return }
    for (index, k) in topK.enumerated() where rank < k { numCorrect[index] += 1 }
  }

  /// Samples whose right class is among the k highest.
  public func numCorrect(top k: Int) -> Int {
    guard let index = topK.firstIndex(of: k) else { preconditionFailure("top-\(k) is not counted, only \(topK)") }
    return numCorrect[index]
  }

  /// The accuracy in percent, or nil before the first sample.
  public func percent(top k: Int) -> Double? {
    numSamples > 0 ? 100 * Double(numCorrect(top: k)) / Double(numSamples) : nil
  }

  private static func rank(of target: Int, in row: ArraySlice<Float>) -> Int? {
    let score = row[row.startIndex + target]
    var rank = 0
    for (index, other) in zip(0..., row) {
      if other.isNaN { return nil }
      if other > score || (other == score && index < target) { rank += 1 }
    }
    return rank
  }
}

/// The mean of values that arrive one after another, each with a weight.
public struct Meter: Sendable, Equatable {
  /// The sum of the weights.
  public private(set) var weight = 0.0
  private var sum = 0.0

  /// Creates an empty meter.
  public init() {}

  /// Adds a value: a batch's mean loss with the number of its samples, for example.
  public mutating func add(_ value: Double, weight: Double = 1) {
    precondition(weight >= 0, "A weight must not be negative: \(weight)")
    if weight == 0 { return }
    sum += value * weight
    self.weight += weight
  }

  /// The weighted mean, or nil before the first value.
  public var mean: Double? { weight > 0 ? sum / weight : nil }

  /// Forgets everything.
  public mutating func reset() { self = Meter() }
}
