import Augment
import Dataset
import Optim
import Preprocessing
import Settings
import Testing
import Torch
import VisionModels

@testable import Recipes

/// The starter recipe cannot get out of date: a new setting without an explanation fails here.
struct RecipeTemplateTests {
  /// The dotted paths of all values, and of the sections that hold them.
  private func paths(of value: OptionsValue, under path: String = "") -> (values: [String], sections: [String]) {
    var found: (values: [String], sections: [String]) = ([], [])
    for key in value.keys {
      let child = path.isEmpty ? key : "\(path).\(key)"
      guard let inner = value[key], !inner.keys.isEmpty else {
        found.values.append(child)
        continue
      }
      let below = paths(of: inner, under: child)
      found.values += below.values
      found.sections += [child] + below.sections
    }
    return found
  }

  private var defaults: RunOptions {
    var options = RunOptions()
    options.data.path = "photos"
    return options
  }

  @Test func theFileGivesTheDefaults() throws {
    let text = RecipeTemplate.text(for: defaults)
    #expect(try OptionsLoader.load(RunOptions.self, yaml: text) == defaults)
  }

  @Test func otherOptionsComeBackToo() throws {
    var options = defaults
    options.model.depth = 3
    options.training.ema = .init()
    options.optimizer = Tagged(SGD.Options())
    options.preprocessing.mean = [0.1, 0.2, 0.3]
    options.data.augmentation.transforms = [
      TransformSettings(RandAugment()), TransformSettings(ColorJitter()),
    ]
    let text = RecipeTemplate.text(for: options)
    #expect(try OptionsLoader.load(RunOptions.self, yaml: text) == options)
    #expect(text.contains("# {type: adamw, beta1: 0.9"))
    // What a schedule shares with the chosen one is not said again.
    #expect(text.contains("# {type: multi_step, milestones: [], gamma: 0.1, warmup_prefix: false}"))
  }

  @Test func everySettingStandsInItAndIsExplained() {
    let found = paths(of: OptionsEncoder.encode(RunOptions()))
    let lines = RecipeTemplate.text(for: defaults).split(separator: "\n")
    for path in found.values {
      let key = path.split(separator: ".").last ?? ""
      #expect(lines.contains { $0.trimmingPrefix(while: \.isWhitespace).hasPrefix("\(key):") }, "\(path) is missing")
      #expect(RecipeTemplate.explanations[path] != nil, "explain \(path) in RecipeTemplate+Explanations.swift")
    }
    // Nothing is explained that is no setting any more.
    let stale = Set(RecipeTemplate.explanations.keys).subtracting(found.values + found.sections)
    #expect(stale.isEmpty)
    #expect(lines.allSatisfy { $0.count <= 120 })
  }

  @Test func everyChoiceIsNamed() {
    let choices: [(path: String, names: [String])] = [
      ("precision", RunOptions.Precision.allCases.map(\.rawValue)),
      ("matmul_backend", MatmulBackend.Choice.allCases.map(\.rawValue)),
      ("data.class_order", ClassOrder.allCases.map(\.rawValue)),
      ("data.on_error", DataLoader.ErrorPolicy.allCases.map(\.rawValue)),
      ("data.pixels", DataOptions.Pixels.allCases.map(\.rawValue)),
      ("data.cache", DataLoader.CachePolicy.allCases.map(\.rawValue)),
      ("data.augmentation.crop", DataOptions.Augmentation.Crop.allCases.map(\.rawValue)),
      ("data.augmentation.padding_mode", PaddingMode.allCases.map(\.rawValue)),
      ("data.augmentation.interpolation", Interpolation.allCases.map(\.rawValue)),
      ("preprocessing.interpolation", Interpolation.allCases.map(\.rawValue)),
      ("preprocessing.resize_mode", ResizeMode.allCases.map(\.rawValue)),
      ("model.initialization", ViTInitialization.allCases.map(\.rawValue)),
      ("model.pooling", ViTConfig.Pooling.allCases.map(\.rawValue)),
      ("optimizer.type", OptimizerRegistry.table.map(\.key)),
      ("schedule.type", ScheduleFamily.table.map(\.key)),
      ("schedule.unit", ScheduleTiming.Unit.allCases.map(\.rawValue)),
    ]
    for (path, names) in choices {
      for name in names {
        #expect(RecipeTemplate.explanations[path]?.contains(name) == true, "\(path) does not name \(name)")
      }
    }
  }

  @Test func namesOfSeveralWordsAreReadAsTheyAreWritten() throws {
    let options = try OptionsLoader.load(
      RunOptions.self, yaml: "", overrides: ["data.path=x", "preprocessing.resize_mode=short_side"])
    #expect(options.preprocessing.resizeMode == .shortSide)
  }
}
