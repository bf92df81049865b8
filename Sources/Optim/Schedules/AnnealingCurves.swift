// Curves with ways of half a cosine or a line.

import Foundation
public import Settings

/// Half a cosine from the base rate to the minimum (Loshchilov, Hutter 2016, arXiv:1608.03983):
/// minimum + (base - minimum) (1 + cos(π p^k)) / 2, where p goes from 0 to 1 over the curve. k is 1, or another decay
/// (Zhang, Li 2020, arXiv:2004.05909; as timm's).
public struct CosineCurve: Curve {
  /// The rate at the end.
  public var minimum = 0.0
  /// The exponent of the progress: above 1 the rate stays high for longer.
  public var kDecay = 1.0
  /// Whether the curve begins at the end of the warm-up; false in timm by default.
  public var warmupPrefix = true

  /// The defaults.
  public init() {}

  /// The rate at a place of the run.
  public func rate(_ base: Double, at place: CurvePlace) -> Double {
    halfCosine(from: base, to: minimum, pow(place.progress, kDecay))
  }

  /// Reports values out of range.
  public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
    issues.check("minimum", minimum, in: 0...1000)
    issues.check("k_decay", kDecay, in: 0.01...100)
  }
}

/// Several cosines one after the other (SGDR: Loshchilov, Hutter 2016, arXiv:1608.03983; timm's CosineLRScheduler). They
/// fill the curve in n cycles, each m times as long as the one before; cycle i starts at base d^i and ends at the minimum,
/// as `CosineCurve` does.
public struct CosineRestartsCurve: Curve {
  /// Number of cycles.
  public var cycles = 2
  /// Length of a cycle as a multiple of the one before.
  public var cycleMultiplier = 1.0
  /// What a cycle starts with, as a multiple of the one before.
  public var cycleDecay = 1.0
  /// The rate at the end of each cycle.
  public var minimum = 0.0
  /// The exponent of the progress within a cycle; see `CosineCurve`.
  public var kDecay = 1.0
  /// Whether the first cycle begins at the end of the warm-up; false in timm by default.
  public var warmupPrefix = true

  /// The defaults.
  public init() {}

  /// The rate at a place of the run.
  public func rate(_ base: Double, at place: CurvePlace) -> Double {
    let passed = Double(place.passed)
    let shares = (0..<cycles).map { pow(cycleMultiplier, Double($0)) }
    let first = Double(place.length) / shares.reduce(0, +)
    var (cycle, start) = (0, 0.0)
    // A cycle begins in the unit that its beginning falls on, whatever the last digit of the sum says.
    while cycle + 1 < cycles, start + first * shares[cycle] <= passed + 1e-9 {
      start += first * shares[cycle]
      cycle += 1
    }
    let length = first * shares[cycle]
    let progress = length > 0 ? min(1, max(0, passed - start) / length) : 0
    let top = max(minimum, base * pow(cycleDecay, Double(cycle)))
    return halfCosine(from: top, to: minimum, pow(progress, kDecay))
  }

  /// Reports values out of range.
  public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
    issues.check("cycles", cycles, in: 1...1000)
    issues.check("cycle_multiplier", cycleMultiplier, in: 0.1...10)
    issues.check(cycleDecay > 0 && cycleDecay <= 1, "cycle_decay", found: cycleDecay, "more than 0 and at most 1")
    issues.check("minimum", minimum, in: 0...1000)
    issues.check("k_decay", kDecay, in: 0.01...100)
  }
}

/// Up and down again (Smith, Topin 2017, arXiv:1708.07120; torch's OneCycleLR in its two phases). Over n units it goes from
/// first = base / div_factor at unit 0, where the warm-up leads, to base at unit pct_start n - 1, and on to
/// first / final_div_factor at unit n - 1; each way is a cosine or a line. Momentum stays as it is.
public struct OneCycleCurve: Curve {
  /// The form of the ways up and down.
  public enum Anneal: String, Codable, Sendable, CaseIterable {
    /// Half a cosine.
    case cosine
    /// A straight line.
    case linear
  }

  /// The share of the length in which the rate rises.
  public var pctStart = 0.3
  /// The base rate over the first rate.
  public var divFactor = 25.0
  /// The first rate over the last rate.
  public var finalDivFactor = 1e4
  /// The form of both ways.
  public var anneal = Anneal.cosine

  /// The defaults.
  public init() {}

  /// The cycle's first rate.
  public func peak(_ base: Double) -> Double { base / divFactor }

  /// The rate at a place of the run.
  public func rate(_ base: Double, at place: CurvePlace) -> Double {
    let (passed, length, first) = (Double(place.passed), Double(place.length), peak(base))
    let (top, end) = (pctStart * length - 1, length - 1)
    if passed <= top { return between(first, base, top > 0 ? passed / top : 1) }
    let progress = end > max(top, 0) ? (passed - top) / (end - top) : 1
    return between(base, first / finalDivFactor, min(1, max(0, progress)))
  }

  private func between(_ start: Double, _ end: Double, _ progress: Double) -> Double {
    switch anneal {
    case .cosine: end + (start - end) / 2 * (1 + cos(.pi * progress))
    case .linear: start + (end - start) * progress
    }
  }

  /// Reports values out of range.
  public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
    issues.check("pct_start", pctStart, in: 0...1)
    issues.check("div_factor", divFactor, in: 1...1e9)
    issues.check("final_div_factor", finalDivFactor, in: 1...1e12)
  }
}

/// The base rate, and then a cosine to the minimum (Colossal-AI's FlatAnnealingWarmupLR). Over n units: the base rate for
/// f = floor(pct_start n) units, then minimum + (base - minimum) (1 + cos(π (e - f) / (n - f))) / 2 in unit e.
public struct FlatAnnealCurve: Curve {
  /// The share of the curve in which the rate stays.
  public var pctStart = 0.72
  /// The rate at the end.
  public var minimum = 0.0

  /// The defaults.
  public init() {}

  /// The rate at a place of the run.
  public func rate(_ base: Double, at place: CurvePlace) -> Double {
    let flat = Int(pctStart * Double(place.length))
    let falling = place.passed - flat
    guard falling > 0 else { return base }
    return halfCosine(from: base, to: minimum, min(1, Double(falling) / Double(place.length - flat)))
  }

  /// Reports values out of range.
  public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
    issues.check("pct_start", pctStart, in: 0...1)
    issues.check("minimum", minimum, in: 0...1000)
  }
}

/// The base rate, and then a fall over the last part of the run (warm-up, stable, decay: Hu et al. 2024, arXiv:2404.06395;
/// Hägele et al. 2024, arXiv:2405.18392). The last D = round(decay_fraction T) of the run's T units, of which the warm-up
/// takes none, have minimum + (base - minimum) f(x), where x goes from 0 to 1 and f is 1 - x, (1 + cos(π x)) / 2 or 1 - √x.
public struct StableDecayCurve: Curve {
  /// The form of the fall.
  public enum Decay: String, Codable, Sendable, CaseIterable {
    /// A straight line.
    case linear
    /// Half a cosine.
    case cosine
    /// One minus a root: fast at first, slow at the end.
    case sqrt
  }

  /// The share of the run, warm-up included, in which the rate falls.
  public var decayFraction = 0.2
  /// The form of the fall.
  public var decay = Decay.linear
  /// The rate at the end.
  public var minimum = 0.0

  /// The defaults.
  public init() {}

  /// The rate at a place of the run.
  public func rate(_ base: Double, at place: CurvePlace) -> Double {
    let total = Double(place.warmup + place.length)
    let length = min(place.length, Int((decayFraction * total).rounded()))
    let falling = place.passed - (place.length - length)
    guard falling > 0, length > 0 else { return base }
    let progress = min(1, Double(falling) / Double(length))
    return switch decay {
    case .linear: minimum + (base - minimum) * (1 - progress)
    case .cosine: halfCosine(from: base, to: minimum, progress)
    case .sqrt: minimum + (base - minimum) * (1 - progress.squareRoot())
    }
  }

  /// Reports values out of range.
  public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
    issues.check("decay_fraction", decayFraction, in: 0...1)
    issues.check("minimum", minimum, in: 0...1000)
  }
}
