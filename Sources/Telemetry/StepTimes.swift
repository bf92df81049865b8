// The clocks of metrics; how long steps take, and what part of that is waiting for data.

import Foundation

/// A collection of step times. Seconds are those of one clock; a step's waiting is part of its seconds.
public struct StepTimes: Sendable, Equatable {
  /// Steps that were added.
  public private(set) var numSteps = 0
  /// The seconds of the last step.
  public private(set) var last = 0.0

  private struct Step: Equatable {
    var seconds: Double
    var waiting: Double
    var samples: Int
  }
  private var warmup: [Step] = []
  private var steps: [Step] = []

  /// Creates an empty collection.
  public init() {}

  /// Adds a step.
  ///
  /// - Parameters:
  ///   - seconds: From asking for its batches to its end.
  ///   - waiting: The seconds of these in which it waited for batches.
  ///   - samples: What it worked through.
  ///   - isWarmup: One of the first steps of a process, which are slower; they count only where there are no others.
  public mutating func add(seconds: Double, waiting: Double, samples: Int, isWarmup: Bool = false) {
    precondition(waiting >= 0 && waiting <= seconds, "\(waiting) s of waiting in a step of \(seconds) s")
    let step = Step(seconds: seconds, waiting: waiting, samples: samples)
    if isWarmup { warmup.append(step) } else { steps.append(step) }
    numSteps += 1
    last = seconds
  }

  private var counted: [Step] { steps.isEmpty ? warmup : steps }
  private var totalSeconds: Double { counted.reduce(0) { $0 + $1.seconds } }

  /// The mean seconds of a step; nil without steps.
  public var mean: Double? { counted.isEmpty ? nil : totalSeconds / Double(counted.count) }

  /// The seconds that half of the steps do not exceed: the middle value, or the mean of the two in the middle.
  public var median: Double? {
    let sorted = counted.map(\.seconds).sorted()
    guard !sorted.isEmpty else { return nil }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// The smallest time of a step that a share of the steps does not exceed (nearest rank).
  ///
  /// - Parameter share: More than 0, at most 1.
  public func quantile(_ share: Double) -> Double? {
    precondition(share > 0 && share <= 1, "a share is more than 0 and at most 1, not \(share)")
    let sorted = counted.map(\.seconds).sorted()
    guard !sorted.isEmpty else { return nil }
    return sorted[max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1)]
  }

  /// The share of the time, from 0 to 1, that was spent on waiting for batches; nil without steps, or without time.
  public var waitingShare: Double? {
    totalSeconds > 0 ? counted.reduce(0) { $0 + $1.waiting } / totalSeconds : nil
  }

  /// Samples per second; nil without steps, or without time.
  public var samplesPerSecond: Double? {
    totalSeconds > 0 ? Double(counted.reduce(0) { $0 + $1.samples }) / totalSeconds : nil
  }
}

/// Seconds of a clock that never goes back.
public func monotonicSeconds() -> Double {
  let now = ContinuousClock.now - processStart
  return Double(now.components.seconds) + Double(now.components.attoseconds) * 1e-18
}

/// Seconds since 1970.
public func wallSeconds() -> Double { Date().timeIntervalSince1970 }

private let processStart = ContinuousClock.now
