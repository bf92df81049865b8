// Items per second.

import Foundation

/// The rate at which items are worked through, over all time and lately.
///
/// Times are seconds of a clock that never goes back, such as `monotonicSeconds()`.
public struct Throughput: Sendable, Equatable {
  /// Items since the start.
  public private(set) var numItems = 0
  /// Items per second lately: a mean in which older items count less, halving every few seconds; nil before the first.
  public private(set) var recentRate: Double?

  private let halfLife: Double
  private let start: Double
  private var last: Double

  /// Starts the clock.
  public init(at time: Double, halfLife: Double = 5) {
    precondition(halfLife > 0, "A half-life must be positive")
    self.halfLife = halfLife
    start = time
    last = time
  }

  /// Adds items that were finished at a time.
  public mutating func add(_ count: Int, at time: Double) {
    numItems += count
    let elapsed = time - last
    guard elapsed > 0 else { return }
    let rate = Double(count) / elapsed
    let weight = 1 - exp2(-elapsed / halfLife)
    recentRate = recentRate.map { $0 + weight * (rate - $0) } ?? rate
    last = time
  }

  /// Leaves out the time since the last items: an evaluation in between, for example.
  public mutating func skip(to time: Double) { last = max(last, time) }

  /// Items per second since the start, or nil at the start.
  public func averageRate(at time: Double) -> Double? { time > start ? Double(numItems) / (time - start) : nil }
}

// The two clocks that metrics need.

/// Seconds of a clock that never goes back.
public func monotonicSeconds() -> Double {
  let now = ContinuousClock.now - processStart
  return Double(now.components.seconds) + Double(now.components.attoseconds) * 1e-18
}

/// Seconds since 1970.
public func wallSeconds() -> Double { Date().timeIntervalSince1970 }

private let processStart = ContinuousClock.now
