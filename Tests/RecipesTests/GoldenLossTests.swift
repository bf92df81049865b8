import Foundation
import Optim
import TestSupport
import Testing
import Torch
import Training
import VisionModels

@testable import Recipes

/// The losses of a short run, kept in full precision: a refactor leaves them alone, and a change that is meant to change
/// them replaces the file with what the test prints.
@Suite struct GoldenLossTests {
  /// Two epochs of losses by step, and what the evaluations gave.
  private struct Losses: Codable {
    var train: [Double]
    var validation: [Double]

    /// The largest difference from others, relative to them.
    func difference(from other: Losses) -> Double {
      let (own, others) = (train + validation, other.train + other.validation)
      guard own.count == others.count else { return .infinity }
      return zip(own, others).map { abs($0 - $1) / abs($1) }.max() ?? .infinity
    }
  }

  /// Backends, threads and families of processors sum in other orders, which moves the last bits of a loss: the two
  /// backends with one thread and with two are 2e-7 apart at most on the processor with AVX-512 that the file is from.
  private static let tolerance = 1e-5

  private static func losses(
    _ fixture: RunFixture, _ name: String, _ change: (inout RunOptions) -> Void
  ) throws -> Losses {
    let options = fixture.options(name) {
      $0.data.batchSize = 4
      $0.training.accumulation = 2
      $0.training.labelSmoothing = 0.1
      $0.training.mixing = .init()
      $0.training.mixing?.mixupAlpha = 0.8
      $0.training.mixing?.cutmixAlpha = 1
      $0.training.ema = .init()
      $0.training.ema?.decay = 0.9
      $0.schedule.warmupEpochs = 0.5
      change(&$0)
    }
    try fixture.train(options)
    let records = try metrics(options.out)
    return Losses(
      train: records.filter { $0["event"] as? String == "step" }.compactMap { $0["loss"] as? Double },
      validation: records.compactMap { $0["val_loss"] as? Double })
  }

  @Test func theLossesAreThoseThatAreKept() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let kept = try JSONDecoder().decode(Losses.self, from: Fixture.data("golden_losses.json"))
      #expect(kept.train.count == 12 && kept.validation.count == 2)
      for backend in MatmulBackend.allCases.filter(\.isAvailable) {
        for threads in [1, 2] {
          let found = try GoldenLossTests.losses(fixture, "\(backend)-\(threads)") {
            $0.matmulBackend = MatmulBackend.Choice(rawValue: backend.rawValue)!
            $0.threads = threads
          }
          let difference = found.difference(from: kept)
          let text = String(decoding: try JSONEncoder().encode(found), as: UTF8.self)
          #expect(difference <= GoldenLossTests.tolerance, "\(backend) \(threads): \(difference) \(text)")
        }
      }
      // Planted faults: a rate that is a thousandth higher, and a warm-up that is a step shorter.
      let faults: [(inout RunOptions) -> Void] = [
        { $0.training.lr *= 1.001 }, { $0.schedule.warmupEpochs = 1.0 / 3 }, { $0.training.ema?.decay = 0.901 },
      ]
      for (index, fault) in faults.enumerated() {
        let found = try GoldenLossTests.losses(fixture, "fault-\(index)", fault)
        #expect(found.difference(from: kept) > GoldenLossTests.tolerance)
      }
    }
  }
}
