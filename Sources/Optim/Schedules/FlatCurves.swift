import Foundation
public import Settings

/// The base rate throughout.
public struct ConstantCurve: Curve {
  /// The only value.
  public init() {}

  /// The base rate.
  public func rate(_ base: Double, at place: CurvePlace) -> Double { base }
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
