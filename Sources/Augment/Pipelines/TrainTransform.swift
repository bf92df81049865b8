public import KeyedRandom
public import Preprocessing

/// What part of an image a model is trained on, at the model's input size.
public enum TrainCrop: Sendable, Equatable {
  /// A random part, resized: ImageNet's way.
  case randomResized(SourceCrop)
  /// The image resized to the input's short side where it isn't of that size, then a rectangle at a random place, which
  /// reaches up to `padding` pixels beyond the border: CIFAR's way, and with reflection the simple crop of DeiT III.
  case random(padding: Int, mode: PaddingMode)
  /// The middle, as in evaluation.
  case center
  /// The whole image, squashed to the input's aspect ratio.
  case none
}

/// The pipeline of training: crop, flip, the transforms in their order, normalisation, the transforms of normalised
/// numbers. The crop draws from child 0 of the sample's randomness, the flip from child 1, transform i of the list from
/// child i + 2.
public struct TrainTransform: SamplePipeline {
  /// Size, filter and statistics of the model's input.
  public let preprocessing: ImagePreprocessing
  /// How the image is cropped.
  public let crop: TrainCrop
  /// The probability of a horizontal flip.
  public let flip: Double
  /// What follows. A ``NormalizedTransform`` runs after the normalisation, wherever it stands.
  public let transforms: [any Transform]
  private let onPixels: [(child: Int, transform: any Transform)]
  private let onNumbers: [(child: Int, transform: any NormalizedTransform)]
  private let normalize: Normalize
  private let evaluation: EvalTransform

  /// A pipeline; `interpolation` is the crop's filter, by default that of the preprocessing. What comes out of
  /// the last transform must have the size of the model's input. `asBytes` leaves the normalisation to whoever takes the
  /// samples, and so has no place for a ``NormalizedTransform``.
  public init(
    _ preprocessing: ImagePreprocessing, crop: TrainCrop = .randomResized(SourceCrop()), flip: Double = 0.5,
    transforms: [any Transform] = [], interpolation: Interpolation? = nil,
    asBytes: Bool = false
  ) {
    precondition(preprocessing.issues.isEmpty, preprocessing.issues.joined(separator: "; "))
    var preprocessing = preprocessing
    preprocessing.interpolation = interpolation ?? preprocessing.interpolation
    if case .random(let padding, _) = crop { precondition(padding >= 0, "padding must not be negative") }
    let size: ImageSize = (preprocessing.width, preprocessing.height)
    let made = transforms.reduce(size) { (size: ImageSize?, transform) in transform.outputSize(of: size) }
    precondition(
      made.map { $0 == size } ?? false,
      "the transforms make \(made.map { "\($0)" } ?? "any size") of \(size), which must come out of the last one")
    self.preprocessing = preprocessing
    self.crop = crop
    self.flip = flip
    self.transforms = transforms
    let numbered = transforms.enumerated().map { (child: $0.offset + 2, transform: $0.element) }
    onPixels = numbered.filter { !($0.transform is any NormalizedTransform) }
    onNumbers = numbered.compactMap { entry in
      (entry.transform as? any NormalizedTransform).map { (entry.child, $0) }
    }
    normalize = Normalize(mean: preprocessing.mean, std: preprocessing.std, isDeferred: asBytes)
    evaluation = EvalTransform(preprocessing)
    precondition(!asBytes || onNumbers.isEmpty, "the transforms of normalised numbers need numbers, not bytes")
  }

  /// Height of the model's input.
  public var outputHeight: Int { preprocessing.height }
  /// Width of the model's input.
  public var outputWidth: Int { preprocessing.width }
  /// The normalisation, where it is left to others.
  public var deferred: Normalize? { normalize.isDeferred ? normalize : nil }

  /// This pipeline with what is drawn once for a batch; transform i of the list draws from child i + 2.
  public func forBatch(random: KeyedRandom) -> any SamplePipeline {
    guard transforms.contains(where: { $0 is any BatchTransform }) else { return self }
    let drawn = transforms.enumerated().map { index, transform -> any Transform in
      var random = random.child(index + 2)
      return (transform as? any BatchTransform)?.forBatch(random: &random) ?? transform
    }
    return TrainTransform(preprocessing, crop: crop, flip: flip, transforms: drawn, asBytes: normalize.isDeferred)
  }

  /// The pixels that the crop needs.
  public func plan(width: Int, height: Int, random: KeyedRandom) -> SourcePlan {
    switch crop {
    case .randomResized(let crop):
      var random = random.child(0)
      return SourcePlan(
        region: crop.plan(width: width, height: height, random: &random), minimumSize: (outputWidth, outputHeight))
    case .none:
      return SourcePlan(
        region: PixelRect(x: 0, y: 0, width: width, height: height), minimumSize: (outputWidth, outputHeight))
    case .random, .center:
      return SourcePlan(region: placedCrop(width: width, height: height, random: random).resample.source)
    }
  }

  /// Crops, flips, applies the transforms and normalises.
  public func write(
    _ region: ImageBuffer, box: ResampleBox, plan: SourcePlan, width: Int, height: Int, random: KeyedRandom,
    into out: UnsafeMutableRawPointer
  ) {
    var flipRandom = random.child(1)
    let isMirrored = flipRandom.bool(probability: flip)
    let planeSize = outputWidth * outputHeight
    func forEachRow(_ body: (Int, UnsafePointer<UInt8>) -> Void) {
      switch crop {
      case .randomResized, .none:
        ResamplePlan(
          sourceWidth: region.width, sourceHeight: region.height, box: box, width: outputWidth, height: outputHeight,
          interpolation: preprocessing.interpolation
        ).forEachRow(of: region, origin: (0, 0), body)
      case .random, .center:
        placedCrop(width: width, height: height, random: random)
          .forEachRow(of: region, origin: (plan.region.x, plan.region.y), body)
      }
    }
    if onPixels.isEmpty {
      // The flip costs nothing when the numbers are written from right to left.
      forEachRow { row, samples in
        normalize.write(
          row: samples, width: outputWidth, mirrored: isMirrored, into: out, at: row * outputWidth, planeSize: planeSize
        )
      }
    } else {
      var image = ImageBuffer(width: outputWidth, height: outputHeight) { target in
        forEachRow { row, samples in
          let line = target.baseAddress! + row * outputWidth * 3
          if isMirrored {
            ImageBuffer.mirror(samples, width: outputWidth, into: line)
          } else {
            line.update(from: samples, count: outputWidth * 3)
          }
        }
      }
      for (child, transform) in onPixels {
        var random = random.child(child)
        image = transform.apply(image, random: &random)
      }
      precondition(
        image.width == outputWidth && image.height == outputHeight,
        "the transforms made \(image.width)x\(image.height) of \(outputWidth)x\(outputHeight)")
      normalize.write(image, into: out)
    }
    for (child, transform) in onNumbers {
      var random = random.child(child)
      transform.apply(
        UnsafeMutableBufferPointer(start: out.assumingMemoryBound(to: Float.self), count: 3 * planeSize),
        width: outputWidth, height: outputHeight, random: &random)
    }
  }

  private func placedCrop(width: Int, height: Int, random: KeyedRandom) -> PlacedCrop {
    guard case .random(let padding, let mode) = crop else {
      return PlacedCrop(evaluation.resamplePlan(width: width, height: height))
    }
    var random = random.child(0)
    return PlacedCrop(
      randomIn: (width, height), for: preprocessing, padding: padding, mode: mode, random: &random)
  }
}
