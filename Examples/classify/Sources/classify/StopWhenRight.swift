import Vitrail

/// A hook of one's own: tells of each evaluation, and ends the run when enough images are right.
final class StopWhenRight: Hook {
  private let wanted: Double

  init(percent: Double) { wanted = percent }

  func receive(_ event: TrainingEvent) throws -> LoopDecision {
    guard case .evaluation(let report, _, let epoch) = event else { return .goOn }
    print("epoch \(epoch): \(report.top1) % of \(report.numSamples) images are right")
    return report.top1 < wanted ? .goOn : .stop(reason: "\(wanted) % are right")
  }
}
