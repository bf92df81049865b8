// The two clocks that metrics need.

import Foundation

/// Seconds of a clock that never goes back.
public func monotonicSeconds() -> Double {
  let now = ContinuousClock.now - processStart
  return Double(now.components.seconds) + Double(now.components.attoseconds) * 1e-18
}

/// Seconds since 1970.
public func wallSeconds() -> Double { Date().timeIntervalSince1970 }

private let processStart = ContinuousClock.now
