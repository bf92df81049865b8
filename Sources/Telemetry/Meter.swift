// Running means.

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
