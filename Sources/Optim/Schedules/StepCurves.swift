import Foundation
public import Settings

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
