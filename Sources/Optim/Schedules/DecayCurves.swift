// Curves that stay, fall by a power of the progress, or by factors.

import Foundation
public import Settings

/// The base rate throughout.
public struct ConstantCurve: Curve {
  /// The only value.
  public init() {}

  /// The base rate.
  public func rate(_ base: Double, at place: CurvePlace) -> Double { base }
}

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

/// Falls to the same part of itself in every unit (torch's ExponentialLR): base gamma^e, and never below the minimum. Gamma
/// has to be given, because it depends on the unit.
public struct ExponentialCurve: Curve {
  /// What is left of the rate after each unit.
  public var gamma = 0.0
  /// The lowest rate.
  public var minimum = 0.0

  /// Without gamma.
  public init() {}

  /// The rate at a place of the run.
  public func rate(_ base: Double, at place: CurvePlace) -> Double {
    part(pow(gamma, Double(place.passed)), of: base, notBelow: minimum)
  }

  /// Reports values out of range.
  public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
    issues.check(
      gamma > 0 && gamma <= 1, "gamma", found: gamma,
      "what is left after each \(timing.unit.rawValue), more than 0 and at most 1")
    issues.check("minimum", minimum, in: 0...1000)
  }
}

/// Falls to a part of itself again and again (torch's StepLR, timm's StepLRScheduler): base gamma^floor(e / every) in unit
/// e, and never below the minimum. e counts from the start of the run, or from the end of the warm-up where that is a
/// prefix. `every` has to be given.
public struct StepCurve: Curve {
  /// Units from one fall to the next.
  public var every = 0
  /// What is left of the rate.
  public var gamma = 0.1
  /// The lowest rate.
  public var minimum = 0.0
  /// Whether falls count from the end of the warm-up; true in timm by default.
  public var warmupPrefix = false

  /// A tenth is left; without the distance.
  public init() {}

  /// The first fall.
  public var marks: [(key: String, value: Int)] { every > 0 ? [("every", every)] : [] }

  /// The rate at a place of the run.
  public func rate(_ base: Double, at place: CurvePlace) -> Double {
    precondition(every > 0, "a schedule cannot fall every \(every) units")
    return part(pow(gamma, Double(place.passed / every)), of: base, notBelow: minimum)
  }

  /// Reports values out of range.
  public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
    issues.check(every > 0, "every", found: every, "at least 1: a number of \(timing.unit.rawValue)s")
    issues.check(gamma > 0 && gamma <= 1, "gamma", found: gamma, "more than 0 and at most 1")
    issues.check("minimum", minimum, in: 0...1000)
  }
}

/// Falls to a part of itself at each milestone (torch's MultiStepLR): base gamma^k, where k is the number of milestones
/// passed, and never below the minimum. Milestones count from the start of the run, as in Colossal-AI's MultiStepWarmupLR,
/// or from the end of the warm-up where that is a prefix. They have to be given.
public struct MultiStepCurve: Curve {
  /// Where the rate falls, in the schedule's unit.
  public var milestones: [Int] = []
  /// What is left of the rate.
  public var gamma = 0.1
  /// The lowest rate.
  public var minimum = 0.0
  /// Whether milestones count from the end of the warm-up; true in timm by default.
  public var warmupPrefix = false

  /// A tenth is left; without milestones.
  public init() {}

  /// The last milestone.
  public var marks: [(key: String, value: Int)] { milestones.last.map { [("milestones", $0)] } ?? [] }

  /// The rate at a place of the run.
  public func rate(_ base: Double, at place: CurvePlace) -> Double {
    part(pow(gamma, Double(milestones.count { $0 <= place.passed })), of: base, notBelow: minimum)
  }

  /// Reports values out of range.
  public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
    issues.check(
      !milestones.isEmpty && zip(milestones, milestones.dropFirst()).allSatisfy { $0 < $1 } && milestones[0] > 0,
      "milestones", found: milestones, "rising counts of \(timing.unit.rawValue)s, the first at least 1")
    issues.check(milestones.count <= 10_000, "milestones", found: "\(milestones.count)", "at most 10000")
    issues.check(gamma > 0 && gamma <= 1, "gamma", found: gamma, "more than 0 and at most 1")
    issues.check("minimum", minimum, in: 0...1000)
  }
}
