import Foundation
public import Settings

/// A straight line from the base rate to the minimum, and up to it in the warm-up (Colossal-AI's LinearWarmupLR).
public struct LinearCurve: Curve {
  /// The rate at the end.
  public var minimum = 0.0

  /// The defaults.
  public init() {}

  /// The line's first value is the peak.
  public var isPeakBehindWarmup: Bool { true }

  /// The rate at a place of the run.
  public func rate(_ base: Double, at place: CurvePlace) -> Double {
    minimum + (base - minimum) * (1 - place.progress)
  }

  /// Reports values out of range.
  public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
    issues.check("minimum", minimum, in: 0...1000)
  }
}

/// A power of what is left (torch's PolynomialLR, Colossal-AI's PolynomialWarmupLR, timm's PolyLRScheduler):
/// minimum + (base - minimum) (1 - p^k)^power, where p goes from 0 to 1 over the curve; k as in `CosineCurve`.
public struct PolynomialCurve: Curve {
  /// 1 gives a straight line, more falls earlier, less falls later.
  public var power = 1.0
  /// The rate at the end.
  public var minimum = 0.0
  /// The exponent of the progress.
  public var kDecay = 1.0
  /// Whether the fall begins at the end of the warm-up; false in timm by default.
  public var warmupPrefix = true

  /// The defaults.
  public init() {}

  /// The rate at a place of the run.
  public func rate(_ base: Double, at place: CurvePlace) -> Double {
    minimum + (base - minimum) * pow(1 - pow(place.progress, kDecay), power)
  }

  /// Reports values out of range.
  public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
    issues.check("power", power, in: 0.01...100)
    issues.check("minimum", minimum, in: 0...1000)
    issues.check("k_decay", kDecay, in: 0.01...100)
  }
}

/// One over the root of the time passed (Vaswani et al. 2017, arXiv:1706.03762; the timescale as in Zhai et al. 2021,
/// arXiv:2106.04560): base / sqrt(1 + e / timescale) in unit e of the curve, and never below the minimum.
public struct InverseSqrtCurve: Curve {
  /// How many units after the warm-up the rate has fallen to base / √2; the warm-up's length if left out.
  public var timescale: Int?
  /// The lowest rate.
  public var minimum = 0.0

  /// The defaults.
  public init() {}

  /// The rate at a place of the run.
  public func rate(_ base: Double, at place: CurvePlace) -> Double {
    let scale = Double(max(1, timescale ?? place.warmup))
    return max(min(base, minimum), base / (1 + Double(place.passed) / scale).squareRoot())
  }

  /// Reports values out of range.
  public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
    issues.check(
      timescale.map { (1...1_000_000_000).contains($0) } ?? (timing.warmupEpochs > 0 || timing.warmupSteps > 0),
      "timescale",
      found: timescale.map(String.init) ?? "nothing",
      "at least 1, a number of \(timing.unit.rawValue)s; it can be left out where there is a warm-up",
      related: ["warmup_epochs", "warmup_steps"])
    issues.check("minimum", minimum, in: 0...1000)
  }
}
