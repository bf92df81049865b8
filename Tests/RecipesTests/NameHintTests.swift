import Foundation
import Optim
import Settings
import Testing
import Training
import VisionModels

@testable import Recipes

/// What people who know other libraries type.
struct NameHintTests {
  @Test func everySynonymLeadsToASettingAndIsNoneItself() {
    var options = RunOptions()
    options.training.ema = .init()
    options.training.mixing = .init()
    options.training.earlyStopping = .init()
    let all = OptionsEncoder.encode(options)
    func value(at path: String) -> OptionsValue? {
      path.split(separator: ".").reduce(all) { $0?[String($1)] }
    }
    for (name, path) in RunOptions.synonyms {
      #expect(value(at: path) != nil, "\(name) leads to \(path)")
      #expect(snakeCase(name) == name)
      #expect(all.keys.allSatisfy { value(at: "\($0).\(name)") == nil } && all[name] == nil, "\(name) is a setting")
    }
  }

  private func message(_ overrides: String...) throws -> String {
    let error = #expect(throws: OptionsError.self) {
      try OptionsLoader.load(RunOptions.self, yaml: "data: {path: x}", overrides: overrides)
    }
    return try #require(error).issues.map(\.description).joined(separator: "\n")
  }

  @Test func settingsByTheirOtherNames() throws {
    #expect(try message("training.learning_rate=1").hasSuffix("did you mean 'training.lr'?"))
    #expect(try message("num_workers=2").hasSuffix("did you mean 'data.workers'?"))
    #expect(try message("model.img_size=2").hasSuffix("did you mean 'model.image_size'?"))
    #expect(try message("training.weight_decay=2").hasSuffix("did you mean 'optimizer.weight_decay'?"))
    #expect(try message("epochs=2").hasSuffix("did you mean 'training.epochs'?"))
    #expect(try message("training.ema=0.99").hasSuffix("as in --set training.ema.decay=0.99"))
    #expect(try message("training.mixing=0.2").hasSuffix("as in --set training.mixing.mixup_alpha=0.2"))
    #expect(try message("training.early_stopping=10").hasSuffix("as in --set training.early_stopping.patience=10"))
    let split = try message("data.split=4")
    #expect(split.hasPrefix("--set data.split=4: data.split: found '4': "))
    #expect(split.contains("such as 4:1") && !split.contains("SplitRatio"))
    #expect(
      try message("data.augmentation.transforms=[Rotate(17)]").hasSuffix("'17' has no name; write Rotate(degrees=17)"))
  }

  @Test(arguments: [
    ("vit_tiny", "vit_tiny_patch16_224"), ("vit_base", "vit_base_patch16_224"), ("vit-small", "vit_small_patch16_224"),
    ("vit_huge", "vit_huge_patch14_224"), ("deit_tiny", "deit_tiny_patch16_224"), ("vit_b_16", "vit_base_patch16_224"),
    ("ViT-L/16", "vit_large_patch16_224"), ("google/vit-base-patch16-224", "vit_base_patch16_224"),
    ("vit_base_patch16_224.augreg_in21k_ft_in1k", "vit_base_patch16_224"),
    ("vit_tinny_patch16_224", "vit_tiny_patch16_224"),
    ("vit", "vit_tiny_patch16_224"),
  ]) func modelsByTheirOtherNames(written: String, expected: String) throws {
    #expect(ViTPresets.nearest(to: written) == expected)
    #expect(try message("model.name='\(written)'").contains("such as '\(expected)'"))
    #expect("\(PretrainedError.unknownName(written))".contains("did you mean '\(expected)'?"))
  }

  @Test func aStrangerHasNoNeighbour() {
    #expect(ViTPresets.nearest(to: "resnet50") == nil)
    #expect(ViTPresets.nearest(to: "") == nil)
    #expect("\(PretrainedError.unknownName("resnet50"))" == "there is no model 'resnet50'; `vitrail models` lists all")
  }

  @Test func aTagIsSaidToNameWeights() throws {
    for text in [
      try message("model.name=vit_tiny_patch16_224.augreg_in21k"),
      "\(PretrainedError.unknownName("vit_tiny_patch16_224.augreg_in21k"))",
    ] {
      #expect(text.contains("a tag behind the dot names weights, which --init"))
    }
  }
}
