import Augment
import KeyedRandom
import Preprocessing
import Settings
import Testing

@testable import Recipes

/// `data.augmentation` and the pipeline that it makes.
struct AugmentationOptionsTests {
  private func pipeline(_ yaml: String) throws -> TrainTransform {
    try OptionsLoader.load(DataOptions.Augmentation.self, yaml: yaml).pipeline(ImagePreprocessing(size: 32))
  }

  @Test func settingsReachThePipeline() throws {
    #expect(try pipeline("").crop == .randomResized(SourceCrop()))
    let custom = try pipeline(
      """
      crop: random
      padding: 3
      padding_mode: reflect
      flip: 0.25
      transforms: [RandAugment, {type: RandomErasing, probability: 0.1}]
      """)
    #expect(custom.crop == .random(padding: 3, mode: .reflect) && custom.flip == 0.25)
    #expect(custom.transforms.count == 2 && custom.transforms[0] is RandAugment)
    #expect((custom.transforms[1] as? RandomErasing)?.probability == 0.1)
    #expect(try pipeline("crop: center").crop == .center)
    #expect(try pipeline("crop: none").crop == TrainCrop.none)
    let scaled = try pipeline("{minimum_scale: 0.5, maximum_ratio: 2}")
    #expect(scaled.crop == .randomResized(SourceCrop(scale: 0.5...1, ratio: 3.0 / 4...2)))
  }

  @Test(arguments: [
    "{type: RandomCrop, size: 16}", "{type: CenterCrop, size: [32, 31]}", "{type: Rotate, degrees: 10, expand: true}",
    "{type: RandomApply, transforms: [{type: Resize, size: 8}], probability: 0.001}", "Pad",
    "RandomRotation(expand=true)",
  ])
  func transformsMustKeepTheSize(transform: String) throws {
    #expect {
      try pipeline("transforms: [HorizontalFlip, \(transform)]")
    } throws: { error in
      "\(error)".contains("data.augmentation.transforms.1") && "\(error)".contains("32x32")
    }
  }

  /// A size may change as long as the last transform brings it back.
  @Test func theSizeMayChangeInBetween() throws {
    let image = ImageBuffer(width: 40, height: 40, fill: (9, 99, 200))
    for list in [
      ["Pad(padding=4)", "RandomCrop(size=32, padding=0)"],
      ["RandomRotation(degrees=30, expand=true)", "CenterCrop(size=32)"],
      ["RandomApply(transforms=[Pad(padding=[3, 1])])", "RandomErasing", "Resize(size=[32, 32])"],
    ] {
      let made = try pipeline("transforms:\n" + list.map { "  - \($0)\n" }.joined())
      #expect(made.apply(image, random: KeyedRandom(seed: 1)).count == 3 * 32 * 32)
    }
  }

  @Test(arguments: [
    "crop: middle", "padding: -1", "padding_mode: black", "transforms: [Nothing]", "transforms: RandAugment",
  ])
  func wrongSettingsAreErrors(yaml: String) {
    #expect(throws: OptionsError.self) { try pipeline(yaml) }
  }
}
