import Foundation
import Settings
import Testing
import Training

@testable import Recipes

/// What makes a plan fit: each proposal, taken, does what it says.
@Suite struct PlanAdviceTests {
  private func setup(_ overrides: [String] = [], worldSize: Int = 8, limit: Double) throws -> PlanSetup {
    var setup = try TrainingPlanTests.setup("vit_large_patch16_224", overrides, worldSize: worldSize)
    setup.memoryLimit = limit
    return setup
  }

  @Test func nothingIsSaidWhereItFits() throws {
    let plan = try TrainingPlan(setup(["data.batch_size=8"], limit: 80e9))
    #expect(plan.fits(under: .none) == true)
    #expect(plan.advice.isEmpty && plan.combinedAdvice == nil)
    var unknown = plan.setup
    unknown.memoryLimit = nil
    #expect(try TrainingPlan(unknown).fits(under: .none) == nil)
  }

  @Test func everyKindOfChangeIsTried() throws {
    let plan = try TrainingPlan(
      setup(["data.batch_size=256", "training.accumulation=2", "training.ema={}"], limit: 40e9))
    let changes = plan.advice.map(\.change)
    for change in [
      "--zero 1", "--zero 2", "--zero 3", "--checkpoint-activations", "--set precision=bfloat16",
      "--set training.ema=null",
    ] {
      #expect(changes.contains(change))
    }
    let batch = try #require(plan.advice.first { $0.change.contains("data.batch_size") })
    #expect(batch.fits && batch.flopsRatio == 1 && batch.moreBytesSent == 0)
    let checkpointed = try #require(plan.advice.first { $0.change == "--checkpoint-activations" })
    #expect(checkpointed.fits)
    #expect(abs(checkpointed.flopsRatio - 4.0 / 3) < 1e-12)
    let third = try #require(plan.advice.first { $0.change == "--zero 3" })
    #expect(!third.fits && third.moreBytesSent > 0)
    #expect(plan.combinedAdvice == nil)
  }

  /// The batch that is proposed fits, the next larger one that divides a step does not, and a step has as many images.
  @Test func theBatchIsTheLargest() throws {
    let plan = try TrainingPlan(setup(["data.batch_size=256", "training.accumulation=2"], limit: 40e9))
    let smaller = try #require(plan.setup.withLargestFittingBatch())
    #expect(smaller.batchSize * smaller.accumulation == 512)
    #expect(try TrainingPlan(smaller).memory.total <= 40e9)
    let next = try #require((smaller.batchSize + 1...512).first { 512.isMultiple(of: $0) })
    #expect(try TrainingPlan(plan.setup.withBatch(next)).memory.total > 40e9)
    #expect(try TrainingPlan(smaller).globalBatch == plan.globalBatch)
    let largest = try #require(plan.largestBatch(under: .none))
    #expect(try TrainingPlan(plan.setup.withBatch(largest)).memory.total <= 40e9)
    #expect(try TrainingPlan(plan.setup.withBatch(largest + 1)).memory.total > 40e9)
  }

  @Test func allTogetherWhereOneIsNotEnough() throws {
    // Weights, gradients and moments of 304 million parameters are 4.9 GB alone.
    let plan = try TrainingPlan(setup(["data.batch_size=64"], limit: 4e9))
    #expect(!plan.advice.isEmpty && plan.advice.allSatisfy { !$0.fits || $0.change.hasPrefix("--zero") })
    let small = try TrainingPlan(setup(["data.batch_size=64"], limit: 3e9))
    #expect(small.advice.allSatisfy { !$0.fits })
    let all = try #require(small.combinedAdvice)
    #expect(all.fits && all.total <= 3e9)
    #expect(all.change.contains("--zero 3 with --checkpoint-activations"))
    #expect(try TrainingPlan(setup(["data.batch_size=64"], limit: 1.2e9)).combinedAdvice == nil)
  }

  @Test(arguments: [
    (PlanQuantity.memory, "80GB", 80e9), (.memory, "80GiB", 80 * 1_073_741_824.0), (.memory, "1.5TB", 1.5e12),
    (.memory, "24000MB", 24e9), (.bandwidth, "200Gb/s", 25e9), (.bandwidth, "25GB/s", 25e9), (.duration, "5us", 5e-6),
    (.duration, "0us", 0), (.duration, "1.5ms", 1.5e-3), (.speed, "312e12", 312e12), (.speed, "312TFLOP/s", 312e12),
    (.speed, "1e15", 1e15),
  ]) func unitsAreRead(quantity: PlanQuantity, text: String, value: Double) throws {
    let found = try quantity.parse(text, of: "--x")
    #expect(abs(found - value) <= 1e-12 * value)
  }

  @Test(arguments: [
    (PlanQuantity.memory, "80"), (.memory, "80gb"), (.memory, "80Gb"), (.memory, "-80GB"), (.memory, "80 GB"),
    (.memory, "GB"), (.memory, ""), (.memory, "0GB"), (.memory, "infGB"), (.memory, "nanGB"), (.memory, "0x10GB"),
    (.memory, "1e400GB"), (.memory, "8..0GB"), (.memory, "80GB "), (.memory, "1e30GB"), (.memory, "8٠GB"),
    (.bandwidth, "200Gb"), (.bandwidth, "200gb/s"), (.bandwidth, "200"), (.duration, "5"), (.duration, "5µs"),
    (.duration, "2000s"), (.speed, "312T"), (.speed, "fast"), (.speed, "-1"), (.speed, "1e99"),
    (.memory, String(repeating: "9", count: 5000)), (.memory, "\u{1B}[31m80GB\n"),
  ]) func hostileUnitsAreRefusedInOneLine(quantity: PlanQuantity, text: String) throws {
    let error = try #require(throws: PlanError.self) { try quantity.parse(text, of: "--x") }
    #expect(error.description.hasPrefix("--x takes "))
    #expect(error.description.count < 200)
    #expect(!error.description.unicodeScalars.contains { $0.properties.generalCategory == .control })
  }

  @Test func capitalsAreHintedAt() {
    #expect(
      throws: PlanError("--gpu-memory takes a size with its unit, such as 80GB or 80GiB, not '80gb'; did you mean GB?")
    ) {
      try PlanQuantity.memory.parse("80gb", of: "--gpu-memory")
    }
    let both = #expect(throws: PlanError.self) { try PlanQuantity.bandwidth.parse("200gb/s", of: "--network") }
    #expect(both?.description.hasSuffix("did you mean Gb/s or GB/s?") == true)
  }

  @Test func devicesHaveMemoryAndSpeed() throws {
    let device = try PlanDevice(named: "A100")
    #expect(device.memory == 80e9)
    #expect(device.peakFlops(in: .bfloat16) == 312e12)
    #expect(device.peakFlops(in: .float32) == 19.5e12)
    #expect(try PlanDevice(named: "t4").peakFlops(in: .bfloat16) == nil)
    // Each has the speed of its own row.
    for device in PlanDevice.table { #expect(device.peakFlops(in: .float32) ?? 0 > 1e12, "\(device.name)") }
    let error = #expect(throws: PlanError.self) { try PlanDevice(named: "h1000") }
    #expect(error?.description.contains("did you mean 'h100'?") == true)
  }

  /// Shapes at the limits of what settings allow give numbers, not a trap.
  @Test func hugeShapesGiveNumbers() throws {
    var setup = try TrainingPlanTests.setup(
      "vit_base_patch16_224",
      [
        "model.image_size=16384", "model.patch_size=1", "model.embed_dim=65536", "model.depth=1024",
        "model.num_heads=1024", "model.mlp_ratio=64", "data.batch_size=1000000", "training.accumulation=100000",
        "training.epochs=1000000",
      ], numClasses: 1_000_000, numImages: 1_000_000_000, worldSize: 1_000_000, zero: .weights)
    setup.memoryLimit = 80e9
    setup.peakFlops = 1e15
    setup.bandwidth = 1e9
    let plan = try TrainingPlan(setup)
    #expect(plan.memory.total > 1e18 && plan.memory.total.isFinite)
    #expect(plan.largestBatch(under: .weights) == 0)
    #expect(plan.combinedAdvice == nil)
    let report = PlanReport(plan)
    #expect(report.text.contains("does not fit"))
    #expect(report.value["memory"] != nil)
    #expect(!PlanPicture(plan).svg.contains("nan"))
    #expect(throws: PlanError.self) { try TrainingPlanTests.setup(worldSize: 0) }
    #expect(throws: PlanError.self) { try TrainingPlanTests.setup(numImages: 0) }
    #expect(throws: PlanError.self) { try TrainingPlanTests.setup(numClasses: 0) }
  }
}
