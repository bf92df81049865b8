import Dataset
import Foundation
import NN
import Parallelism
import Synchronization
import Telemetry
import TestSupport
import Testing
import Torch
import Training

@testable import Recipes

/// A trained model is scored on ranks that are threads of one process as on one.
@Suite struct ModelEvaluationTests {
  /// What an evaluation gives, but for its time, and the bad samples that were told of.
  private struct Outcome: Equatable, Sendable {
    var figures: [Double]
    var rows: [[Int]]
    var counts: [Int]
    var told: [String]

    init(_ report: EvaluationReport, told: [String]) {
      figures = report.metrics.map(\.value)
      rows = report.confusion?.rows ?? []
      counts = [report.numSamples, report.numBadSamples, report.numNonFinite]
      self.told = told.sorted()
    }
  }

  private static func evaluate(
    _ run: String, ranks: Int, split: EvaluationData.Split = .validation, batchSize: Int = 4
  ) throws -> [Outcome] {
    try ProcessGroup.withThreads(ranks) { group in
      let trained = try Pretrained.model(at: run)
      let told = Mutex<[String]>([])
      let evaluation = try ModelEvaluation(
        of: trained, on: EvaluationData(nil, split: split, for: trained), device: .cpu, batchSize: batchSize,
        workers: 1,
        group: group, onBadSample: { sample in told.withLock { $0.append(sample.path) } })
      return Outcome(try evaluation(), told: told.withLock { $0 })
    }
  }

  /// A small trained run.
  private static func run(_ fixture: RunFixture) throws -> String {
    let options = fixture.options("run") { $0.training.epochs = 1 }
    try fixture.train(options)
    return options.out
  }

  /// 14 images in batches of 4, the last of two: of six ranks two have none. Two images cannot be read.
  @Test func everyNumberOfRanksGivesTheFiguresOfOne() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let run = try ModelEvaluationTests.run(fixture)
      for numBad in [0, 2] {
        if numBad > 0 { for place in [1, 13] { try fixture.set.breakPixels("validation", at: place) } }
        let alone = try ModelEvaluationTests.evaluate(run, ranks: 1)[0]
        #expect(alone.counts == [14 - numBad, numBad, 0] && alone.told.count == numBad)
        #expect(alone.rows.joined().reduce(0, +) == 14 - numBad && alone.figures.count >= 3)
        for ranks in [2, 3, 6] {
          let outcomes = try ModelEvaluationTests.evaluate(run, ranks: ranks)
          #expect(outcomes == Array(repeating: alone, count: ranks), "\(ranks) ranks, \(numBad) bad images")
        }
      }
      let all = try ModelEvaluationTests.evaluate(run, ranks: 1, split: .all)[0]
      #expect(all.counts == [56, 2, 0])
      #expect(try ModelEvaluationTests.evaluate(run, ranks: 2, split: .all) == [all, all])
    }
  }

  /// Batches of another size, other images and other weights are refused, on both ranks, with what differs.
  @Test(arguments: ["size of batches", "set of images", "checkpoint"])
  func ranksThatDifferAreRefused(what: String) async {
    await #expect(processExitsWith: .success) { [what = what as String] in
      let (fixture, other) = (try RunFixture(), try RunFixture())
      let run = try ModelEvaluationTests.run(fixture)
      try FileManager.default.removeItem(atPath: "\(other.set.path)/validation/class0/1000.png")
      let (path, fewer) = (fixture.set.path, other.set.path)
      let outcomes = try ProcessGroup.outcomesOfThreads(2) { group in
        let isOther = group.rank == 1
        let trained = try Pretrained.model(at: run)
        if what == "checkpoint", isOther { withoutGrad { _ = trained.model.parameters[0].zero_() } }
        let images = try EvaluationData(
          what == "set of images" && isOther ? fewer : path, split: .validation, for: trained)
        _ = try ModelEvaluation(
          of: trained, on: images, device: .cpu, batchSize: what == "size of batches" && isOther ? 5 : 4, workers: 1,
          group: group)
      }
      for outcome in outcomes {
        let error = #expect(throws: CollectiveError.self) { try outcome.get() }
        guard case .different(rank: 1, let found, _, _) = error else {
          Issue.record("\(String(describing: error))")
          continue
        }
        #expect(found == what)
      }
    }
  }
}
