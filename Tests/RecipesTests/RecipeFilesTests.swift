import Foundation
import Optim
import Settings
import Testing
import Training

@testable import Recipes

/// The recipes that come with the source: each is read, and can be planned.
@Suite struct RecipeFilesTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "recipes")

  private static let names =
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.filter { $0.hasSuffix(".yaml") }.sorted() ?? []

  private static func options(_ name: String) throws -> RunOptions {
    try OptionsLoader.load(RunOptions.self, path: folder.appending(path: name).path)
  }

  @Test func theyAreThere() {
    #expect(Self.names.count >= 7)
    #expect(Self.names.contains("digits.yaml"))
  }

  @Test(arguments: names) func eachIsReadAndPlanned(name: String) throws {
    let options = try Self.options(name)
    #expect(options.out == "runs/\(name.dropLast(5))")
    let plan = try TrainingPlan(PlanSetup(options, numClasses: 10, numImages: 50_000))
    #expect(plan.length.numSteps > 0 && plan.memory.total > 0)
    #expect(throws: OptionsError.self) {
      try OptionsLoader.load(
        RunOptions.self, path: Self.folder.appending(path: name).path, overrides: ["optimizer.typo=1"])
    }
  }

  /// 32,768 images a step on four ranks, 40 steps an epoch of ImageNet, a warm-up of 50 epochs.
  @Test(arguments: names.filter { $0.contains("-32k-") }) func largeBatches(name: String) throws {
    let options = try Self.options(name)
    let plan = try TrainingPlan(PlanSetup(options, numClasses: 1000, numImages: 1_281_167, worldSize: 4))
    #expect(plan.globalBatch == 32_768)
    #expect(plan.length.stepsPerEpoch == 40 && plan.length.numSteps == 12_000)
    #expect(options.schedule.warmupEpochs == 50 && options.training.lr == 0.018)
    #expect(options.precision == .float16 && options.training.clipNorm == 1)
    #expect(options.training.mixing?.mixupAlpha == 0.2)
  }
}
