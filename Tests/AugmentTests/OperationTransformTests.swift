import Augment
import KeyedRandom
import Preprocessing
import Settings
import Testing

/// The single operations as transforms that settings name.
@Suite struct OperationTransformTests {
  static let image = TransformTests.noise(width: 38, height: 26)

  static func apply(_ shortForm: String, _ image: ImageBuffer = image, seed: UInt64 = 1) throws -> ImageBuffer {
    var random = KeyedRandom(seed: seed)
    return try TransformSettings(shortForm: shortForm).options.makeTransform().apply(image, random: &random)
  }

  static let expectations: [(String, @Sendable (ImageBuffer) -> ImageBuffer)] = [
    ("Equalize", { $0.equalized() }), ("AutoContrast(cutoff=20)", { $0.autoContrast(cutoff: 20) }),
    ("Invert", { $0.inverted() }), ("Posterize(bits=2)", { $0.posterized(bits: 2) }),
    ("Solarize(threshold=77)", { $0.solarized(threshold: 77) }),
    ("SolarizeAdd(addition=30, threshold=99)", { $0.solarizedAdd(30, threshold: 99) }),
    ("Color(factor=0.3)", { $0.color(0.3) }), ("Contrast(factor=1.4)", { $0.contrast(1.4) }),
    ("Brightness(factor=0.7)", { $0.brightness(0.7) }), ("Sharpness(factor=2)", { $0.sharpness(2) }),
    ("Desaturate(amount=0.4)", { $0.color(0.6) }), ("Grayscale", { $0.grayscale() }),
    ("Hue(amount=-0.2)", { $0.hueShifted(by: -0.2) }),
    ("Rotate(degrees=17)", { $0.rotated(degrees: 17) }),
    (
      "Rotate(degrees=40, interpolation=bicubic, fill=[1, 2, 3], expand=true)",
      { $0.rotated(degrees: 40, interpolation: .bicubic, fill: (1, 2, 3), expand: true) }
    ),
    ("ShearX(factor=0.3, fill=9)", { $0.sheared(x: 0.3, fill: (9, 9, 9)) }),
    ("ShearY(factor=-0.3, interpolation=bilinear)", { $0.sheared(y: -0.3, interpolation: .bilinear) }),
    ("TranslateX(pixels=4)", { $0.translated(x: 4) }), ("TranslateY(pixels=-2)", { $0.translated(y: -2) }),
    ("TranslateXRel(fraction=0.25)", { $0.translated(x: 38 * 0.25) }),
    ("TranslateYRel(fraction=0.5)", { $0.translated(y: 26 * 0.5) }),
    ("GaussianBlur(kernel_size=5, sigma=1.5)", { $0.gaussianBlurred(kernelSize: 5, sigma: 1.5) }),
    ("GaussianBlur(radius=[2, 2])", { $0.gaussianBlurred(radius: 2) }),
    ("HorizontalFlip(probability=1)", { $0.mirrored() }),
    ("VerticalFlip(probability=1)", { $0.mirroredVertically() }),
    ("Resize(size=[7, 9], interpolation=lanczos)", { $0.resized(width: 9, height: 7, interpolation: .lanczos) }),
    ("Resize(size=7)", { $0.resized(width: 10, height: 7, interpolation: .bilinear) }),
    (
      "Pad(padding=[1, 2, 3, 4], fill=7)",
      { image in
        var padded = ImageBuffer(width: 42, height: 32, fill: (7, 7, 7))
        for row in 0..<26 {
          let start = 3 * (42 * (row + 2) + 1)
          padded.pixels.replaceSubrange(start..<start + 3 * 38, with: image.pixels[3 * 38 * row..<3 * 38 * (row + 1)])
        }
        return padded
      }
    ),
    ("CenterCrop(size=[5, 7])", { $0.cropped(to: PixelRect(x: 16, y: 10, width: 7, height: 5)) }),
    (
      "RandomResizedCrop(size=[4, 6], scale=[1, 1], ratio=[1.4, 1.5])",
      { image in
        var random = KeyedRandom(seed: 1)
        let rect = SourceCrop(scale: 1...1, ratio: 1.4...1.5).plan(width: 38, height: 26, random: &random)
        return image.cropped(to: rect).resized(width: 6, height: 4, interpolation: .bilinear)
      }
    ),
  ]

  @Test(arguments: expectations.indices)
  func settingsReachTheOperation(index: Int) throws {
    let (shortForm, operation) = Self.expectations[index]
    let result = try Self.apply(shortForm)
    #expect(result == operation(Self.image) && result != Self.image)
  }

  /// Those that draw what they do have tests of their own.
  static let drawing: Set<String> = [
    "AugMix", "AutoAugment", "ColorJitter", "RandAugment", "RandomAffine", "RandomApply", "RandomCrop", "RandomErasing",
    "RandomGaussianBlur", "RandomGrayscale", "RandomPerspective", "RandomResizedCrop", "RandomRotation",
    "RandomSolarize", "ThreeAugment", "TimmAutoAugment", "TrivialAugmentWide", "WholeBatchRandAugment",
  ]

  @Test func everyOperationIsTested() {
    for (name, _) in TransformRegistry.table where !Self.drawing.contains(name) {
      #expect(Self.expectations.contains { $0.0.prefix { $0 != "(" } == name }, "\(name)")
    }
  }

  @Test func theProbabilityIsKept() throws {
    let image = Self.image
    for name in ["Invert", "Posterize", "HorizontalFlip", "VerticalFlip", "GaussianBlur"] {
      let changed = try (0..<300).count {
        try Self.apply("\(name)(probability=0.25)", image, seed: UInt64($0)) != image
      }
      #expect(changed > 40 && changed < 110)
      #expect(try Self.apply("\(name)(probability=0)") == image)
    }
  }

  @Test func sigmaIsDrawnFromItsRange() throws {
    let blurs = try (0..<20).map { try Self.apply("GaussianBlur(kernel_size=7, sigma=[0.2, 3])", seed: $0) }
    #expect(Set(blurs.map(\.pixels)).count == 20)
  }

  /// Numbers beyond all reason, with every argument of every operation.
  @Test func senselessNumbersAreRefused() {
    let numbers = ["nan", "-nan", "inf", "-inf", "1e400", "1e30", "-1e30", "[nan, 1]", "[]", "x", "''", "null"]
    for (name, type) in TransformRegistry.table {
      let defaults = OptionsEncoder.encode(type.init())
      for key in defaults.keys where key != "transforms" {
        // A setting that may be left out takes null.
        for number in numbers where number != "null" || defaults[key] != .null {
          #expect(throws: OptionsError.self, "\(name) \(key) \(number)") {
            try TransformSettings(shortForm: "\(name)(\(key)=\(number))")
          }
        }
      }
    }
  }

  /// A strip cannot be enlarged beyond all memory.
  @Test func aResizeOfAStripIsBounded() throws {
    let strip = ImageBuffer(width: 60_000, height: 1, fill: (1, 2, 3))
    let resized = try Self.apply("Resize(size=200, interpolation=nearest)", strip)
    #expect(resized.height == 200 && resized.width * resized.height <= ImageBuffer.maximumPixels)
    #expect(resized[5, 5] == (1, 2, 3))
  }
}
