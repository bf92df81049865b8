// The gamma distribution and what follows from it, the same on every platform.

extension KeyedRandom {
  /// The logarithm of a gamma-distributed number of the given shape and scale 1 (Marsaglia and Tsang, "A Simple Method
  /// for Generating Gamma Variables", 2000; below shape 1 with their boost). In logarithms nothing is lost where a small
  /// shape makes numbers that no `Double` holds.
  private mutating func logGamma(shape: Double) -> Double {
    precondition(shape >= 1e-3 && shape <= 1e6, "a gamma's shape must lie between 1e-3 and 1e6, got \(shape)")
    if shape < 1 {
      let boost = DeterministicMath.log(1 - uniform()) / shape
      return logGamma(shape: shape + 1) + boost
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let root = 1 + c * x
      if root <= 0 { continue }
      let logV = 3 * DeterministicMath.log(root)
      let bound = x * x / 2 + d - d * (root * root * root) + d * logV
      if DeterministicMath.log(1 - uniform()) < bound { return DeterministicMath.log(d) + logV }
    }
  }

  /// Weights that sum to 1, from the symmetric Dirichlet distribution of the given concentration (1: every division is
  /// equally likely; small ones favour a single weight). The concentration must lie between 1e-3 and 1e6.
  public mutating func dirichlet(_ concentration: Double, count: Int) -> [Double] {
    precondition(count > 0, "dirichlet needs a positive count, got \(count)")
    let logs = (0..<count).map { _ in logGamma(shape: concentration) }
    let largest = logs.max()!
    let parts = logs.map { DeterministicMath.exp(max($0 - largest, -700)) }
    let sum = parts.reduce(0, +)
    return parts.map { $0 / sum }
  }

  /// A number in 0...1 from the beta distribution; both shapes must lie between 1e-3 and 1e6.
  public mutating func beta(_ a: Double, _ b: Double) -> Double {
    let (x, y) = (logGamma(shape: a), logGamma(shape: b))
    return 1 / (1 + DeterministicMath.exp(min(max(y - x, -700), 700)))
  }
}
