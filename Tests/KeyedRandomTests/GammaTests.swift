import Foundation
import KeyedRandom
import Testing

/// The beta and Dirichlet distributions against their distribution functions (Kolmogorov and Smirnov) and moments.
@Suite struct GammaTests {
  /// The largest distance between the share of samples below a number and the distribution function there.
  private func distance(_ samples: [Double], _ cdf: (Double) -> Double) -> Double {
    let sorted = samples.sorted()
    let count = Double(sorted.count)
    return sorted.enumerated().map { index, x in
      max(abs(cdf(x) - Double(index) / count), abs(Double(index + 1) / count - cdf(x)))
    }.max()!
  }

  private func betas(_ a: Double, _ b: Double, count: Int = 20_000) -> [Double] {
    var random = KeyedRandom(seed: 11, 5)
    return (0..<count).map { _ in random.beta(a, b) }
  }

  /// One in a thousand seeds would fail; this one doesn't.
  private let bound = 1.95 / 20_000.0.squareRoot()

  @Test func betaFollowsItsDistributionFunctions() {
    let five = { (x: Double) in 1 - pow(1 - x, 6) - 6 * x * pow(1 - x, 5) }
    #expect(distance(betas(1, 1), { $0 }) < bound)
    #expect(distance(betas(2, 5), five) < bound)
    #expect(distance(betas(0.5, 0.5), { 2 / Double.pi * asin($0.squareRoot()) }) < bound)
    // The checker tells neighbours apart.
    #expect(distance(betas(2, 4.5), five) > bound)
    #expect(distance(betas(1, 1.05), { $0 }) > bound)
  }

  @Test(arguments: [0.001, 0.01, 0.2, 0.8, 3, 100, 1e6])
  func symmetricBetasHaveTheirMoments(alpha: Double) {
    let samples = betas(alpha, alpha)
    #expect(samples.allSatisfy { $0 >= 0 && $0 <= 1 })
    let mean = samples.reduce(0, +) / 20_000
    let variance = samples.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / 20_000
    let expected = 1 / (4 * (2 * alpha + 1))
    #expect(abs(mean - 0.5) < 4 * (expected / 20_000).squareRoot())
    #expect(abs(variance / expected - 1) < 0.05)
  }

  /// A weight of a symmetric Dirichlet distribution of n is beta(a, (n - 1) a).
  @Test func dirichletWeightsSumToOne() {
    var random = KeyedRandom(seed: 12)
    let weights = (0..<20_000).map { _ in random.dirichlet(1, count: 3) }
    #expect(weights.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-12 && $0.count == 3 })
    for index in 0..<3 {
      #expect(distance(weights.map { $0[index] }, { 1 - (1 - $0) * (1 - $0) }) < bound)
    }
    #expect(random.dirichlet(0.001, count: 5).allSatisfy { $0.isFinite })
    #expect(random.dirichlet(7, count: 1) == [1])
  }
}
