import Augment
import Foundation
import KeyedRandom
import Preprocessing
import Settings
import Testing

@Suite struct TransformTests {
  static func noise(width: Int, height: Int, seed: UInt64 = 1) -> ImageBuffer {
    var random = KeyedRandom(seed: seed, width, height)
    var image = ImageBuffer(width: width, height: height)
    for index in image.pixels.indices { image.pixels[index] = UInt8(truncatingIfNeeded: random.next()) }
    return image
  }

  /// Sizes that torchvision's `Resize(248)` and `Resize(32)` give.
  @Test(arguments: [
    (500, 375, 330, 248, 42, 32), (375, 500, 248, 330, 32, 42), (333, 500, 248, 372, 32, 48),
    (224, 224, 248, 248, 32, 32), (100, 37, 670, 248, 86, 32), (37, 101, 248, 676, 32, 87), (1, 7, 248, 1736, 32, 224),
    (640, 427, 371, 248, 47, 32),
  ])
  func squareTargetsFollowTorchvision(width: Int, height: Int, w248: Int, h248: Int, w32: Int, h32: Int) {
    #expect(Resize(height: 248, width: 248).outputSize(width: width, height: height) == (w248, h248))
    #expect(Resize(height: 32, width: 32).outputSize(width: width, height: height) == (w32, h32))
  }

  /// Sizes that timm's `ResizeKeepRatio((248, 124))` and `((28, 35))` give.
  @Test(arguments: [
    (500, 375, 331, 248, 37, 28), (375, 500, 186, 248, 35, 47), (333, 500, 165, 248, 35, 53),
    (640, 427, 372, 248, 42, 28), (33, 77, 124, 289, 35, 82),
  ])
  func otherTargetsFollowTimm(width: Int, height: Int, w1: Int, h1: Int, w2: Int, h2: Int) {
    #expect(Resize(height: 248, width: 124).outputSize(width: width, height: height) == (w1, h1))
    #expect(Resize(height: 28, width: 35).outputSize(width: width, height: height) == (w2, h2))
    #expect(Resize(height: 28, width: 35, mode: .squash).outputSize(width: width, height: height) == (35, 28))
  }

  /// Corners that torchvision's `CenterCrop` gives: image, crop, first column and row.
  @Test(arguments: [
    (330, 248, 224, 224, 53, 12), (331, 249, 224, 224, 54, 12), (7, 9, 4, 4, 2, 2), (8, 5, 3, 2, 2, 2),
    (9, 9, 4, 4, 2, 2),
  ])
  func centreCropsFollowTorchvision(width: Int, height: Int, cropWidth: Int, cropHeight: Int, x: Int, y: Int) {
    let crop = CenterCrop(height: cropHeight, width: cropWidth)
    let rect = PixelRect(x: x, y: y, width: cropWidth, height: cropHeight)
    #expect(crop.rect(width: width, height: height) == rect)
    let image = Self.noise(width: width, height: height)
    var random = KeyedRandom(seed: 0)
    #expect(crop.apply(image, random: &random) == image.cropped(to: rect))
  }

  @Test func centreCropsPadSmallImages() {
    let image = Self.noise(width: 5, height: 5)
    var random = KeyedRandom(seed: 0)
    let padded = CenterCrop(height: 7, width: 8).apply(image, random: &random)
    #expect(padded.width == 8 && padded.height == 7)
    #expect(padded.cropped(to: PixelRect(x: 1, y: 1, width: 5, height: 5)) == image)
    #expect(padded[0, 0] == (0, 0, 0) && padded[7, 6] == (0, 0, 0) && padded[6, 5] == (0, 0, 0))
    let narrow = CenterCrop(height: 3, width: 8).apply(image, random: &random)
    #expect(
      narrow.cropped(to: PixelRect(x: 1, y: 0, width: 5, height: 3))
        == image.cropped(to: PixelRect(x: 0, y: 1, width: 5, height: 3)))
  }

  @Test func flipsExchangeLeftAndRight() {
    let image = Self.noise(width: 5, height: 3)
    #expect(image.mirrored() != image)
    #expect(image.mirrored().mirrored() == image)
    #expect(image.mirrored()[0, 2] == image[4, 2])
    var random = KeyedRandom(seed: 3)
    let flips = (0..<1000).count { _ in HorizontalFlip { $0.probability = 0.3 }.apply(image, random: &random) != image }
    #expect(abs(flips - 300) < 60)
  }

  @Test func sourceCropsKeepTheirRanges() {
    var random = KeyedRandom(seed: 4)
    let crop = SourceCrop(scale: 0.2...0.9, ratio: 0.5...2)
    var areas: [Double] = []
    var logRatios: [Double] = []
    for _ in 0..<4000 {
      let rect = crop.plan(width: 1000, height: 1000, random: &random)
      #expect(PixelRect(x: 0, y: 0, width: 1000, height: 1000).contains(rect))
      areas.append(Double(rect.width * rect.height) / 1e6)
      logRatios.append(log(Double(rect.width) / Double(rect.height)))
    }
    #expect(areas.allSatisfy { $0 > 0.198 && $0 < 0.902 })
    #expect(logRatios.allSatisfy { abs($0) < log(2.02) })
    #expect(abs(logRatios.reduce(0, +) / 4000) < 0.02)
    // Rectangles that don't fit are drawn again, so that small areas are a little more frequent than uniform.
    let mean = areas.reduce(0, +) / 4000
    #expect(mean > 0.45 && mean < 0.55)
    let places = (0..<4000).map { _ in
      SourceCrop(scale: 0.04...0.04, ratio: 1...1).plan(width: 100, height: 50, random: &random).x
    }
    #expect(places.min() == 0 && places.max() == 100 - 14)
    #expect(abs(Double(places.reduce(0, +)) / 4000 - 43) < 2)
  }

  /// torchvision's fallback after ten attempts.
  @Test(arguments: [
    (1000, 10, PixelRect(x: 493, y: 0, width: 13, height: 10)),
    (10, 1000, PixelRect(x: 0, y: 493, width: 10, height: 13)),
    (1, 1000, PixelRect(x: 0, y: 499, width: 1, height: 1)), (1, 1, PixelRect(x: 0, y: 0, width: 1, height: 1)),
  ])
  func cropsThatDoNotFitFallBack(width: Int, height: Int, expected: PixelRect) {
    var random = KeyedRandom(seed: 5)
    #expect(SourceCrop(scale: 0.9...1).plan(width: width, height: height, random: &random) == expected)
  }

  /// Golden: a change of it changes every training run.
  @Test func goldenCrop() {
    var random = KeyedRandom(seed: 42, 0, 7, 0)
    #expect(
      SourceCrop().plan(width: 500, height: 375, random: &random) == PixelRect(x: 104, y: 28, width: 325, height: 337))
  }

  @Test func randomResizedCropsCropAndResize() {
    let image = Self.noise(width: 50, height: 40)
    var random = KeyedRandom(seed: 6)
    var same = random
    let rect = SourceCrop().plan(width: 50, height: 40, random: &same)
    let crop = RandomResizedCrop { $0.size = .list([8, 12]) }.apply(image, random: &random)
    #expect(crop == image.cropped(to: rect).resized(width: 12, height: 8, interpolation: .bilinear))
    #expect(random == same)
  }

  @Test func settingsNameTransforms() throws {
    struct List: Validatable {
      var transforms: [TransformSettings] = []
    }
    let list = try OptionsLoader.load(
      List.self,
      yaml: """
        transforms:
          - {type: horizontal_flip, probability: 0.25}
          - {type: RandomResizedCrop, size: [16, 20], scale: [0.5, 1.0], interpolation: bicubic}
          - Resize(size=[10, 12])
          - center_crop
          - "Resize(size=256, interpolation=bicubic)"
        """)
    let transforms = list.transforms.map { $0.options.makeTransform() }
    #expect((transforms[0] as? HorizontalFlip)?.probability == 0.25)
    #expect((transforms[1] as? RandomResizedCrop)?.crop.scale == 0.5...1)
    #expect((transforms[1] as? RandomResizedCrop)?.interpolation == .bicubic)
    #expect((transforms[2] as? Resize)?.mode == .squash)
    #expect((transforms[3] as? CenterCrop)?.size == .scalar(224))
    #expect((transforms[4] as? Resize)?.mode == .shortSide)
    #expect(
      list.transforms.map(\.shortForm) == [
        "HorizontalFlip(probability=0.25)",
        "RandomResizedCrop(size=[16, 20], scale=[0.5, 1.0], interpolation=bicubic)", "Resize(size=[10, 12])",
        "CenterCrop", "Resize(size=256, interpolation=bicubic)",
      ])
    for yaml in [
      "transforms: [{type: horizontal_flip, probability: 2}]", "transforms: [{type: vertical_flap}]",
      "transforms: [{type: random_resized_crop, scale: [0.5]}]", "transforms: [Resize(size=0)]",
      "transforms: [{type: random_resized_crop, ratio: [2.0, 1.0]}]", "transforms: [CenterCrop(size=[])]",
      "transforms: [{type: Resize, size: [1, 2, 3]}]", "transforms: [Rotate(degrees=nan)]",
      "transforms: [{type: Rotate, fill: [1, 2]}]", "transforms: [Rotate(fill=256)]",
      "transforms: [Rotate(interpolation=lanczos)]", "transforms: [{type: GaussianBlur, sigma: [2, 1]}]",
    ] {
      #expect(throws: OptionsError.self) { try OptionsLoader.load(List.self, yaml: yaml) }
    }
  }
}
