import Vitrail

/// A hook of one's own: tells of each evaluation, and ends the run when enough images are right.
final class StopWhenRight: Hook {
  private let wanted: Double
  private var epoch = 0

  init(percent: Double) { wanted = percent }

  func receive(_ event: TrainingEvent) throws -> LoopDecision {
    switch event {
    case .epochStart(let start): epoch = start.epoch
    case .evaluation(let report):
      print("epoch \(epoch): \(report.top1) % of \(report.numSamples) images are right")
      if report.top1 >= wanted { return .stop(reason: "\(wanted) % are right") }
    default: break
    }
    return .goOn
  }
}
