import Augment
import Dataset
import Foundation
import Optim
import Preprocessing
import Settings
import TestSupport
import Testing
import Training
import VisionModels

@testable import Recipes

/// Published behaviour by name does what docs/compat.md says.
@Suite struct CompatTests {
  private static func options(_ preset: CompatPreset, _ overrides: [String]) throws -> RunOptions {
    try OptionsLoader.load(
      RunOptions.self, yaml: "", source: "test", overrides: preset.overrides + ["device=cpu"] + overrides)
  }

  /// The counts of the tutorial: 3,670 photos, 2,939 and 731 after its split, 22 batches, one update an epoch, 200 in
  /// all.
  @Test func tencentCountsAreThePublishedOnes() async {
    await #expect(processExitsWith: .success) {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vitrail-compat-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: folder) }
      let sizes = ["daisy": 633, "dandelion": 898, "roses": 641, "sunflowers": 699, "tulips": 799]
      for (name, count) in sizes {
        let classFolder = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: classFolder, withIntermediateDirectories: true)
        for index in 0..<count { try Data().write(to: classFolder.appendingPathComponent("\(index).jpg")) }
      }
      let run = try RunBuilder(CompatTests.options(.tencent, ["data.path=\(folder.path)"])).plan()
      #expect(run.data.train.count == 2939)
      #expect(run.data.validation.count == 731)
      #expect(run.parts.loader.numBatches == 22)
      #expect(run.stepsPerEpoch == 1)
      #expect(run.totalSteps == 200)
      #expect(run.parts.schedule.learningRate(atStep: 0) == 0.1)
      #expect(abs(run.parts.schedule.learningRate(atStep: 100) - 0.05) < 1e-12)
      #expect(run.parts.description.preprocessing.resizeMode == .squash)
      #expect(run.parts.description.config.positionDropout == 0.1)

      // Without the preset, nothing is thrown away.
      let ours = try RunBuilder(
        OptionsLoader.load(
          RunOptions.self, yaml: "",
          overrides: ["device=cpu", "data.path=\(folder.path)", "data.batch_size=128", "training.accumulation=16"])
      ).plan()
      #expect(ours.data.train.count == 2934)
      #expect(ours.stepsPerEpoch == 2)
    }
  }

  /// 45 images in batches of 2 are 22 batches and one image that is dropped; 16 of them make the epoch's only step.
  @Test func tencentMakesOneUpdateAnEpoch() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture(numTrain: 45)
      var options = try CompatTests.options(
        .tencent,
        [
          "data.path=\(fixture.set.path)", "out=\(fixture.folder)/tencent", "data.batch_size=2", "training.epochs=3",
          "model.image_size=16", "model.patch_size=8", "model.embed_dim=24", "model.depth=2", "model.num_heads=2",
        ])
      options.threads = 1
      let end = try fixture.train(options)
      #expect(end.step == 3 && end.epoch == 3)
      let steps = try metrics(options.out).filter { $0["event"] as? String == "step" }
      #expect(steps.compactMap { $0["samples"] as? Int } == [32, 32, 32])
    }
  }

  @Test func tencentAugmentsWholeBatches() throws {
    let options = try Self.options(.tencent, ["data.path=x"])
    #expect(options.data.augmentation.transforms.count == 1)
    let transform = try #require(options.data.augmentation.transforms.first).options.makeTransform()
    let augment = try #require(transform as? WholeBatchRandAugment)
    #expect(augment.numOps == 2 && augment.magnitude == 10)
    #expect(options.data.augmentation.flip == 0)
  }

  /// Every setting of a preset stands in the table of the document, and a changed one would be missed there.
  @Test(arguments: CompatPreset.allCases) func everySettingIsDocumented(preset: CompatPreset) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let document = try String(contentsOf: root.appending(path: "docs/compat.md"), encoding: .utf8)
    let start = try #require(document.range(of: "\n## \(preset.rawValue):")?.upperBound)
    let section = document[start...].components(separatedBy: "\n## ")[0]
    let text = section.components(separatedBy: "What the preset does not reproduce")[0]
    for setting in preset.settings {
      #expect(text.contains("`\(setting.path): \(setting.value)`"), "\(setting.path): \(setting.value)")
      #expect(!text.contains("`\(setting.path): \(setting.value)0`"))
    }
  }

  /// LAMB as Colossal-AI has it, and a rate that changes once an epoch: (e + 1) / 51 of the peak in the warm-up, then
  /// (300 - e) / 250.
  @Test func colossalIsLambByTheEpoch() throws {
    let options = try Self.options(.colossal, ["data.path=x"])
    let lamb = OptionsEncoder.encode(options.optimizer)
    #expect(lamb["type"] == .string("lamb") && lamb["variant"] == .string("colossal"))
    #expect(lamb["weight_decay"] == .double(0.1) && lamb["eps"] == .double(1e-6) && lamb["trust_clip"] == .bool(false))
    #expect(!options.training.exemptFromDecay)
    #expect(options.precision == .float16 && options.training.lossScale == nil)
    let schedule = options.schedule.options.schedule(
      base: options.training.lr, length: RunLength(numEpochs: 300, stepsPerEpoch: 78))
    let cases = [
      (0, 1.0 / 51), (77, 1.0 / 51), (78, 2.0 / 51), (78 * 49, 50.0 / 51), (78 * 50, 1), (78 * 299, 1.0 / 250),
    ]
    for (step, part) in cases { #expect(abs(schedule.learningRate(atStep: step) - 0.018 * part) < 1e-12) }
    // ImageNet on the four GPUs of its README: 1,251 batches, of which three are thrown away.
    let plan = try TrainingPlan(PlanSetup(options, numClasses: 1000, numImages: 1_281_167, worldSize: 4))
    #expect(plan.globalBatch == 16_384 && plan.batchesPerEpoch == 1251 && plan.length.stepsPerEpoch == 78)
  }

  /// 45 images in batches of 2 are 22 batches; 16 of them make a step, and the rest is lost.
  @Test func colossalDropsTheTail() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture(numTrain: 45)
      var options = try CompatTests.options(
        .colossal,
        [
          "data.path=\(fixture.set.path)", "out=\(fixture.folder)/colossal", "data.batch_size=2", "training.epochs=3",
          "schedule.warmup_epochs=1", "precision=float32", "model.image_size=16", "model.patch_size=8",
          "model.embed_dim=24", "model.depth=2", "model.num_heads=2",
        ])
      options.threads = 1
      let end = try fixture.train(options)
      #expect(end.step == 3 && end.epoch == 3)
      let steps = try metrics(options.out).filter { $0["event"] as? String == "step" }
      #expect(steps.compactMap { $0["samples"] as? Int } == [32, 32, 32])
      #expect(steps.compactMap { $0["lr"] as? Double }.map { ($0 / 0.018 * 100).rounded() } == [50, 100, 50])
    }
  }

  /// What both presets have from one loader and one engine is one list.
  @Test func presetsShareTheLoader() {
    func paths(_ preset: CompatPreset) -> Set<String> { Set(preset.settings.map(\.path)) }
    let shared = paths(.tencent).intersection(paths(.colossal))
    #expect(shared.contains("data.augmentation.transforms") && shared.contains("preprocessing.resize_mode"))
    for preset in CompatPreset.allCases { #expect(paths(preset).count == preset.settings.count) }
  }

  /// What a recipe says gives way to the preset, and `--set` has the last word.
  @Test func thePresetStandsBetweenRecipeAndFlags() throws {
    let yaml = """
      {training: {lr: 3.0, epochs: 7, max_steps: 7, loss: binary_cross_entropy}, data: {augmentation: {repeats: 3}},
       model: {stochastic_depth: 0.2, layer_scale: 0.1}, optimizer: {type: adamw, weight_decay: 0.3}}
      """
    let options = try OptionsLoader.load(
      RunOptions.self, yaml: yaml,
      overrides: CompatPreset.tencent.overrides + ["training.epochs=5", "data.path=x"])
    #expect(options.training.lr == 0.1)
    #expect(options.training.epochs == 5)
    // Nothing of the recipe is left that would change the result.
    #expect(options.training.maxSteps == nil && options.training.loss == TrainingOptions().loss)
    #expect(options.model.stochasticDepth == nil && options.model.layerScale == nil)
    #expect(options.data.augmentation.repeats == 1)
    let sgd = try #require(options.optimizer.options as? SGD.Options)
    #expect(sgd.weightDecay == 5e-4 && sgd.momentum == 0.9)
  }
}
