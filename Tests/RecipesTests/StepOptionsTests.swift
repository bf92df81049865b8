import Dataset
import NN
import Optim
import Settings
import Testing
import Training

@testable import Recipes

/// The settings of mixing, losses, the factor of the loss and repetition: read, refused, and handed on.
@Suite struct StepOptionsTests {
  private func issues(_ yaml: String, data: String = "data: {path: photos}") -> [String] {
    do {
      _ = try OptionsLoader.load(RunOptions.self, yaml: "\(data)\n\(yaml)")
      return []
    } catch {
      return error.issues.map(\.path)
    }
  }

  @Test func readFromARecipe() throws {
    let options = try OptionsLoader.load(
      RunOptions.self,
      yaml: """
        precision: float16
        data: {path: photos, augmentation: {repeats: 3}}
        training:
          loss: binary_cross_entropy
          binary_target_threshold: 0.2
          binary_sum_classes: true
          loss_scale: {preset: colossal, interval: 7}
          mixing: {mixup_alpha: 0.8, cutmix_minmax: [0.2, 0.8], mode: pair, partner: permuted, off_epoch: 5}
        """)
    #expect(options.data.augmentation.sampler(seed: 1).numRepeats == 3)
    #expect(DataOptions().augmentation.sampler(seed: 1).numRepeats == 1)
    #expect(
      options.training.classificationLoss
        == ClassificationLoss(.binaryCrossEntropy(targetThreshold: 0.2, sumsClasses: true)))
    var scaling = LossScaler.Options(.colossal)
    scaling.interval = 7
    #expect(options.training.lossScale == scaling)
    var mixing = BatchMixing.Options()
    mixing.mixupAlpha = 0.8
    mixing.cutmixMinmax = [0.2, 0.8]
    mixing.mode = .pair
    mixing.partner = .permuted
    mixing.offEpoch = 5
    #expect(options.training.mixing == mixing)
  }

  @Test(arguments: [
    ("training: {loss_scale: {initial: 8}}", "training.loss_scale"),
    ("training: {binary_target_threshold: 0.2}", "training.binary_target_threshold"),
    ("training: {loss: binary_cross_entropy, binary_target_threshold: 1}", "training.binary_target_threshold"),
    ("training: {binary_sum_classes: true}", "training.binary_sum_classes"),
    ("training: {mixing: {}}", "training.mixing"),
    ("training: {mixing: {mixup_alpha: 1, mode: each}}", "training.mixing.mode"),
    ("training: {mixing: {mixup_alpha: 1, alpha: 1}}", "training.mixing.alpha"),
    ("precision: float16\ntraining: {loss_scale: {initial: 8, minimum: 16}}", "training.loss_scale.minimum"),
    ("precision: float16\ntraining: {loss_scale: {backoff: 1}}", "training.loss_scale.backoff"),
    ("precision: float16\noptimizer: {type: sgd, dampening: 0.1}", "optimizer.dampening"),
    ("training: {layer_decay: 0}", "training.layer_decay"),
    ("training: {layer_decay: 1.01}", "training.layer_decay"),
    ("training: {layer_decay: .nan}", "training.layer_decay"),
    ("training: {layer_decay_min_scale: 0.1}", "training.layer_decay_min_scale"),
    ("training: {layer_decay: 0.75, layer_decay_min_scale: 2}", "training.layer_decay_min_scale"),
  ])
  func refused(_ yaml: String, _ path: String) {
    #expect(issues(yaml) == [path])
    #expect(issues("", data: "data: {path: photos, augmentation: {repeats: 0}}") == ["data.augmentation.repeats"])
    #expect(issues("training: {mixing: {mixup_alpha: 0.2}}").isEmpty)
  }
}
