import Augment
import KeyedRandom
import Preprocessing
import Settings
import Testing

/// The pipelines against the plain way: decode all, resize, crop, flip, normalise one after the other.
@Suite struct PipelineTests {
  /// (sample / 255 - mean) / std in float32, channel by channel.
  static func plain(_ image: ImageBuffer, _ preprocessing: ImagePreprocessing) -> [Float] {
    (0..<3).flatMap { channel in
      (0..<image.width * image.height).map { index in
        (Float(image.pixels[index * 3 + channel]) / 255 - Float(preprocessing.mean[channel]))
          / Float(preprocessing.std[channel])
      }
    }
  }

  @Test func normalisingFollowsItsFormula() {
    let image = TransformTests.noise(width: 7, height: 5)
    let preprocessing = ImagePreprocessing(size: 8, statistics: .imageNet)
    let normalize = Normalize(mean: preprocessing.mean, std: preprocessing.std)
    var out = [Float](repeating: .nan, count: 3 * 35)
    normalize.write(image, into: &out)
    #expect(out == Self.plain(image, preprocessing))
    normalize.write(image, mirrored: true, into: &out)
    #expect(out == Self.plain(image.mirrored(), preprocessing))
  }

  @Test(arguments: [(500, 375), (60, 200), (224, 224), (31, 17), (1, 40), (300, 301)], Interpolation.allCases)
  func evaluationNeedsOnlyTheSourceUnderTheCentre(size: (Int, Int), interpolation: Interpolation) {
    let image = TransformTests.noise(width: size.0, height: size.1)
    for mode in ResizeMode.allCases {
      for (height, width, fraction) in [(64, 64, 0.875), (48, 80, 0.9), (32, 32, 1.0)] {
        var preprocessing = ImagePreprocessing(
          size: height, cropFraction: fraction, resizeMode: mode, interpolation: interpolation, statistics: .imageNet)
        preprocessing.inputSize = [height, width]
        let pipeline = EvalTransform(preprocessing)
        let random = KeyedRandom(seed: 0)
        let resize = Resize(
          height: Int(Double(height) / fraction), width: Int(Double(width) / fraction), mode: mode,
          interpolation: interpolation)
        var unused = random
        let resized = resize.apply(image, random: &unused)
        let expected = CenterCrop(height: height, width: width).apply(resized, random: &unused)
        #expect(pipeline.apply(image, random: random) == Self.plain(expected, preprocessing))
        let plan = pipeline.plan(width: image.width, height: image.height, random: random)
        #expect(image.bounds.contains(plan.region) && plan.minimumSize == nil)
        if size.0 == 500, fraction == 0.875, mode == .shortSide { #expect(plan.region.width < 400) }
      }
    }
  }

  @Test func trainingCropsResizesFlipsAndNormalises() {
    let image = TransformTests.noise(width: 90, height: 70)
    let preprocessing = ImagePreprocessing(size: 24, interpolation: .bilinear, statistics: .imageNet)
    let pipeline = TrainTransform(preprocessing)
    var numFlipped = 0
    for sample in 0..<60 {
      let random = KeyedRandom(seed: 9, 0, sample)
      let plan = pipeline.plan(width: 90, height: 70, random: random)
      var crop = random.child(0)
      #expect(plan.region == SourceCrop().plan(width: 90, height: 70, random: &crop))
      #expect(plan.minimumSize.map { $0.width == 24 && $0.height == 24 } == true)
      var expected = image.cropped(to: plan.region).resized(width: 24, height: 24, interpolation: .bilinear)
      var flip = random.child(1)
      if flip.bool(probability: 0.5) {
        expected = expected.mirrored()
        numFlipped += 1
      }
      #expect(pipeline.apply(image, random: random) == Self.plain(expected, preprocessing))
    }
    #expect(numFlipped > 15 && numFlipped < 45)
  }

  /// A transform after the flip, and one of normalised numbers: each draws from its own child.
  @Test func transformsRunInTheirOrder() {
    struct Marker: Transform {
      func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
        var image = image
        image.pixels[0] = UInt8(random.integer(below: 256))
        return image
      }
    }
    struct NumberMarker: NormalizedTransform {
      func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer { image }
      func apply(_ values: UnsafeMutableBufferPointer<Float>, width: Int, height: Int, random: inout KeyedRandom) {
        values[height * width] = 100 + Float(random.uniform())
      }
    }
    let image = TransformTests.noise(width: 40, height: 40)
    let preprocessing = ImagePreprocessing(size: 16)
    let pipeline = TrainTransform(preprocessing, flip: 1, transforms: [NumberMarker(), Marker()])
    let random = KeyedRandom(seed: 10, 1, 2)
    let plan = pipeline.plan(width: 40, height: 40, random: random)
    var expected =
      image.cropped(to: plan.region).resized(width: 16, height: 16, interpolation: .bicubic).mirrored()
    var (number, marker) = (random.child(2), random.child(3))
    expected.pixels[0] = UInt8(marker.integer(below: 256))
    var numbers = Self.plain(expected, preprocessing)
    numbers[256] = 100 + Float(number.uniform())
    #expect(pipeline.apply(image, random: random) == numbers)
    let bare = TrainTransform(preprocessing, flip: 0, interpolation: .nearest)
    let nearest = image.cropped(to: plan.region).resized(width: 16, height: 16, interpolation: .nearest)
    #expect(bare.apply(image, random: random) == Self.plain(nearest, preprocessing))
  }

  /// The random crop against the plain way: resize all, pad all, cut.
  @Test(arguments: [(40, 40), (24, 24), (24, 40), (90, 31), (5, 7)], PaddingMode.allCases)
  func randomCropsReachBeyondTheBorder(size: (Int, Int), mode: PaddingMode) {
    let image = TransformTests.noise(width: size.0, height: size.1)
    let preprocessing = ImagePreprocessing(size: 24, interpolation: .bilinear)
    let resize = Resize(height: 24, width: 24)
    let resized = resize.outputSize(width: size.0, height: size.1)
    let whole = image.resized(width: resized.width, height: resized.height, interpolation: .bilinear)
    for padding in [0, 4, 30] {
      let pipeline = TrainTransform(preprocessing, crop: .random(padding: padding, mode: mode))
      for sample in 0..<20 {
        let random = KeyedRandom(seed: 12, 0, sample)
        var (crop, flip) = (random.child(0), random.child(1))
        let plain = RandomCrop { ($0.size, $0.padding, $0.paddingMode) = (.scalar(24), padding, mode) }
        var expected = plain.apply(whole, random: &crop)
        if flip.bool(probability: 0.5) { expected = expected.mirrored() }
        #expect(pipeline.apply(image, random: random) == Self.plain(expected, preprocessing))
      }
    }
  }

  /// Without its normalisation a pipeline gives the samples from which the numbers are made, in the same places.
  @Test func bytesAreTheSamplesThatWouldBeNormalised() throws {
    struct Shared: BatchTransform {
      var level: UInt8?
      func forBatch(random: inout KeyedRandom) -> any Transform { Shared(level: UInt8(random.integer(below: 256))) }
      func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
        var image = image
        image.pixels[3] = level ?? 0
        return image
      }
    }
    let image = TransformTests.noise(width: 40, height: 31)
    let preprocessing = ImagePreprocessing(size: 16, statistics: .imageNet)
    let crops: [TrainCrop] = [.randomResized(SourceCrop()), .random(padding: 3, mode: .reflect), .center, .none]
    let made: [(Bool) -> any SamplePipeline] =
      [{ EvalTransform(preprocessing, asBytes: $0) }]
      + crops.flatMap { crop in
        [[], [Shared()]].map { list in
          { TrainTransform(preprocessing, crop: crop, flip: 0.5, transforms: list, asBytes: $0) }
        }
      }
    for (index, make) in made.enumerated() {
      for sample in 0..<4 {
        let random = KeyedRandom(seed: 14, index, sample)
        let (numbers, bytes) = (make(false).forBatch(random: random), make(true).forBatch(random: random))
        #expect(numbers.deferred == nil && numbers.numBytes == 4 * bytes.numBytes && bytes.numBytes == 3 * 256)
        let normalize = try #require(bytes.deferred)
        #expect(normalize.mean == preprocessing.mean.map { Float($0) })
        #expect(normalize.std == preprocessing.std.map { Float($0) })
        let plan = bytes.plan(width: image.width, height: image.height, random: random)
        let region = image.cropped(to: plan.region)
        // One byte more, which nobody writes.
        var samples = [UInt8](repeating: 77, count: bytes.numBytes + 1)
        bytes.write(
          region, box: ResampleBox(region.bounds), plan: plan, width: image.width, height: image.height,
          random: random, into: &samples)
        #expect(samples.removeLast() == 77)
        let normalised = samples.enumerated().map { place, sample in
          (Float(sample) / 255 - normalize.mean[place / 256]) / normalize.std[place / 256]
        }
        #expect(normalised == numbers.apply(image, random: random))
      }
    }
  }

  @Test func numbersOfBytesAreNoPlaceForTransformsOfNumbers() async {
    await #expect(processExitsWith: .failure) {
      _ = TrainTransform(ImagePreprocessing(size: 16), transforms: [RandomErasing()], asBytes: true)
    }
    _ = TrainTransform(ImagePreprocessing(size: 16), transforms: [RandomErasing()])
  }

  @Test func otherCropsAreNotRandom() {
    let image = TransformTests.noise(width: 50, height: 33)
    let preprocessing = ImagePreprocessing(size: 20, cropFraction: 0.8)
    let random = KeyedRandom(seed: 13)
    let center = TrainTransform(preprocessing, crop: .center, flip: 0)
    #expect(center.apply(image, random: random) == EvalTransform(preprocessing).apply(image, random: random))
    let whole = TrainTransform(preprocessing, crop: .none, flip: 1)
    let squashed = image.resized(width: 20, height: 20, interpolation: .bicubic).mirrored()
    #expect(whole.apply(image, random: random) == Self.plain(squashed, preprocessing))
  }
}
