import Augment
import KeyedRandom
import Preprocessing
import Settings
import Testing

/// The policies as settings name them.
@Suite struct PolicySettingsTests {
  struct List: Validatable {
    var transforms: [TransformSettings] = []
  }

  private func transforms(_ yaml: String) throws -> [any Transform] {
    try OptionsLoader.load(List.self, yaml: "transforms: \(yaml)").transforms.map { $0.options.makeTransform() }
  }

  @Test func settingsReachTheTransforms() throws {
    let list = try transforms(
      """

        - {type: RandAugment, num_ops: 3, magnitude: 5, num_magnitude_bins: 11, interpolation: bilinear, fill: [1, 2, 3]}
        - {type: TimmAutoAugment, config: rand-m9-mstd0.5-inc1, fill: [124, 116, 104], interpolation: bicubic}
        - {type: AutoAugment, policy: svhn}
        - {type: TrivialAugmentWide, num_magnitude_bins: 5, fill: 7}
        - {type: AugMix, severity: 2, chain_depth: 4, alpha: 0.5, all_ops: false}
        - {type: ColorJitter, brightness: 0.4, hue: 0.1}
        - {type: ThreeAugment, color_jitter: 0.2}
        - {type: RandomErasing, probability: 0.25, mode: pixel, maximum_count: 2, value: 0.5}
        - {type: RandomCrop, size: [24, 20], padding: 2, padding_mode: reflect}
        - {type: RandomApply, probability: 1, transforms: [{type: RandomSolarize, threshold: 3}, RandomGrayscale]}
        - {type: RandomGaussianBlur, minimum_radius: 1}
      """)
    let rand = try #require(list[0] as? RandAugment)
    #expect(rand.numOps == 3 && rand.magnitude == 5 && rand.numMagnitudeBins == 11 && rand.fill == .list([1, 2, 3]))
    let timm = try #require(list[1] as? TimmAutoAugment)
    #expect(timm.fill == (124, 116, 104) && timm.interpolation == .bicubic && timm.translateFraction == 0.45)
    #expect((list[2] as? AutoAugment)?.policy == .svhn)
    #expect((list[3] as? TrivialAugmentWide)?.fill == .scalar(7))
    #expect((list[4] as? AugMix)?.chainDepth == 4)
    #expect((list[5] as? ColorJitter)?.brightness == .scalar(0.4) && (list[5] as? ColorJitter)?.contrast == .scalar(0))
    #expect((list[6] as? ThreeAugment)?.colorJitter == 0.2)
    let erasing = try #require(list[7] as? RandomErasing)
    #expect(erasing.mode == .pixel && erasing.maximumCount == 2 && erasing.value == .scalar(0.5))
    #expect((list[8] as? RandomCrop)?.paddingMode == .reflect)
    #expect((list[9] as? RandomApply)?.transforms.count == 2)
    #expect((list[10] as? GaussianBlur)?.radius == .list([1, 2]))
  }

  @Test(arguments: [
    "[{type: RandAugment, magnitude: 31}]", "[{type: RandAugment, num_magnitude_bins: 1}]",
    "[{type: RandAugment, fill: [1, 2]}]", "[{type: RandAugment, fill: 256}]", "[{type: RandAugment, fill: []}]",
    "[{type: RandAugment, interpolation: lanczos}]", "[{type: TimmAutoAugment, interpolation: box}]",
    "[{type: AutoAugment, interpolation: hamming}]", "[{type: TrivialAugmentWide, interpolation: lanczos}]",
    "[{type: AugMix, interpolation: lanczos}]",
    "[{type: TimmAutoAugment, config: rand-q1}]", "[{type: TimmAutoAugment, translate_fraction: 2}]",
    "[{type: AutoAugment, policy: mnist}]", "[{type: TrivialAugmentWide, num_magnitude_bins: 0}]",
    "[{type: AugMix, severity: 11}]", "[{type: AugMix, alpha: 0}]", "[{type: AugMix, mixture_width: 1000000}]",
    "[{type: ColorJitter, hue: 0.6}]", "[{type: ColorJitter, brightness: -1}]", "[{type: ColorJitter, contrast: .nan}]",
    "[{type: ThreeAugment, color_jitter: .inf}]", "[{type: RandomErasing, scale: [0.5, 0.1]}]",
    "[{type: RandomErasing, ratio: [0, 1]}]", "[{type: RandomErasing, minimum_count: 3}]",
    "[{type: RandomErasing, mode: black}]", "[{type: RandomErasing, value: [1, 2]}]",
    "[{type: RandomCrop, padding: -1}]",
    "[{type: RandomCrop, size: 0}]", "[{type: RandomApply, transforms: [{type: RandomSolarize, threshold: 300}]}]",
    "[{type: RandomGaussianBlur, minimum_radius: 3}]", "[{type: RandomGrayscale, probability: 1.5}]",
  ])
  func wrongSettingsAreErrors(yaml: String) {
    #expect(throws: OptionsError.self) { try transforms(yaml) }
  }

  /// Every transform runs on small and on narrow images, and gives the size that it announces.
  @Test func everyTransformTakesEveryImage() {
    for (name, type) in TransformRegistry.table {
      guard let options = type.init() as? any TransformOptions else {
        Issue.record("\(name) has other options")
        continue
      }
      let transform = options.makeTransform()
      for (width, height) in [(1, 1), (1, 9), (40, 3), (33, 32)] {
        let image = TransformTests.noise(width: width, height: height)
        for sample in 0..<20 {
          var random = KeyedRandom(seed: 1, sample)
          let result = transform.apply(image, random: &random)
          #expect(
            transform.outputSize(of: (width, height)).map { $0 == (result.width, result.height) } == true, "\(name)")
        }
      }
    }
  }

  /// The probe that the settings of a run make before it starts.
  @Test func sizesAreKnownBeforeAnyImage() throws {
    let grown = Rotate {
      $0.degrees = 30
      $0.expand = true
    }
    var random = KeyedRandom(seed: 0)
    let image = grown.apply(TransformTests.noise(width: 20, height: 10), random: &random)
    #expect(try #require(grown.outputSize(of: (20, 10))) == (image.width, image.height) && image.width > 20)
    #expect(try #require(Rotate { $0.degrees = 30 }.outputSize(of: (20, 10))) == (20, 10))
    let list: [any Transform] = [RandomCrop { $0.size = .list([8, 9]) }, grown]
    let cropped = try #require(RandomApply(list, probability: 1).outputSize(of: (20, 10)))
    #expect(cropped == (try #require(grown.outputSize(of: (9, 8)))))
    // What happens now and then leaves a size that nobody knows, unless it is the same.
    #expect(RandomApply(list, probability: 0.01).outputSize(of: (20, 10)) == nil)
    #expect(try #require(RandomApply(list, probability: 0).outputSize(of: (20, 10))) == (20, 10))
    #expect(try #require(RandomApply([VerticalFlip()]).outputSize(of: (20, 10))) == (20, 10))
    var seldom = grown
    seldom.probability = 0.5
    #expect(seldom.outputSize(of: (20, 10)) == nil && grown.outputSize(of: nil) == nil)
    #expect(try #require(CenterCrop(height: 3, width: 4).outputSize(of: nil)) == (4, 3))
  }

  @Test func applyingARandomListNeedsLuck() {
    let image = TransformTests.noise(width: 9, height: 9)
    let solarize = Solarize { $0.threshold = 0 }
    let list = RandomApply([solarize], probability: 0.3)
    let changed = (0..<10_000).count {
      var random = KeyedRandom(seed: 3, $0)
      return list.apply(image, random: &random) == image.inverted()
    }
    #expect(abs(changed - 3000) < 207)
  }
}
