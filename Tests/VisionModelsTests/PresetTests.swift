import Foundation
import NN
import Preprocessing
import Settings
import TestSupport
import Testing
import Torch
import VisionModels

/// The table of presets against timm's models.
@Suite struct PresetTests {
  struct Reference: Decodable {
    struct Entry: Decodable {
      let name: String
      let shape: [Int]
      init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        name = try list.decode(String.self)
        shape = try list.decode([Int].self)
      }
    }
    let parameters: Int?
    let imageSize: Int?
    let cropFraction: Double?
    let interpolation: String?
    let mean: [Double]?
    let std: [Double]?
    let state: [Entry]?
  }

  private func references() throws -> [String: Reference] {
    try JSONDecoder().decode([String: Reference].self, from: Fixture.data("presets.json"))
  }

  @Test func countsAndPreprocessingAreTimms() throws {
    let references = try references().filter { $0.value.parameters != nil }
    #expect(references.count == 32)
    for (name, reference) in references {
      let preset = try #require(ViTPresets[name], "\(name)")
      #expect(preset.config.numParameters == reference.parameters, "\(name)")
      #expect(preset.config.imageSize == reference.imageSize, "\(name)")
      let preprocessing = preset.preprocessing
      #expect(preprocessing.inputSize == [preset.config.imageSize, preset.config.imageSize], "\(name)")
      #expect(preprocessing.cropFraction == reference.cropFraction, "\(name)")
      #expect(preprocessing.interpolation.rawValue == reference.interpolation, "\(name)")
      #expect(preprocessing.mean == reference.mean && preprocessing.std == reference.std, "\(name)")
    }
  }

  // From the papers' and models' own descriptions: width, depth, heads, hidden features.
  @Test(arguments: [
    ("vit_lite_depth7_patch4_32", [256, 7, 4, 512]), ("vit_tiny_patch4_32", [512, 6, 8, 512]),
    ("vit_mu_patch16_224", [32, 1, 2, 128]), ("vit_m_patch16_224", [512, 12, 8, 2048]),
    ("vit_so400m_patch14_224", [1152, 27, 16, 4304]), ("vit_e_patch14_224", [1792, 56, 16, 15360]),
    ("vit_giant_patch14_224", [1408, 40, 16, 6144]), ("vit_gigantic_patch14_224", [1664, 48, 16, 8192]),
  ]) func shapesWithoutAReferenceModel(_ name: String, _ shape: [Int]) throws {
    let config = try #require(ViTPresets[name]).config
    #expect([config.embedDim, config.depth, config.numHeads, config.mlpHiddenDim] == shape)
  }

  @Test func namesAreUniqueAndConfigsValid() throws {
    #expect(Set(ViTPresets.names).count == ViTPresets.all.count)
    #expect(ViTPresets["vit_huge"] == nil)
    for preset in ViTPresets.all { try preset.config.validated() }
  }

  @Test func stateDictsHaveTimmsNamesOrderAndShapes() throws {
    let references = try references().filter { $0.value.state != nil }
    #expect(references.count == 10)
    for (name, reference) in references {
      let config: ViTConfig
      if let variant = Variant(rawValue: String(name.split(separator: ":").last!)) {
        config = variant.config
      } else {
        config = try #require(ViTPresets[name]).config
      }
      // The large ones are compared by their first and last block, so that the test needs no gigabytes.
      var small = config
      let expected = try #require(reference.state)
      if config.embedDim > 768 {
        small.depth = 2
        let kept = expected.filter { entry in
          let parts = entry.name.split(separator: ".")
          return parts[0] != "blocks" || Int(parts[1])! < 2
        }
        compare(VisionTransformer(small), kept, name)
        #expect(expected.count == kept.count + (config.depth - 2) * 12)
      } else {
        let model = VisionTransformer(config)
        compare(model, expected, name)
        #expect(model.numParameters == config.numParameters, "\(name)")
      }
    }
  }

  private func compare(_ model: VisionTransformer, _ expected: [Reference.Entry], _ name: String) {
    let entries = model.stateDict.entries
    #expect(entries.map(\.name) == expected.map(\.name), "\(name)")
    #expect(entries.map(\.tensor.shape) == expected.map(\.shape), "\(name)")
  }

  @Test func forwardCostIsThePublishedOne() throws {
    func gigaflops(_ name: String) throws -> Double { FLOPs(try #require(ViTPresets[name]).config).forward / 1e9 }
    #expect(abs(try gigaflops("vit_tiny_patch16_224") - 2.51) < 0.005)
    #expect(abs(try gigaflops("vit_base_patch16_224") - 35.13) < 0.005)
    let tiny = FLOPs(try #require(ViTPresets["vit_tiny_patch16_224"]).config)
    #expect(tiny.training == 3 * tiny.forward)
  }
}
