public import KeyedRandom
public import Preprocessing

/// The pipeline of training: random resized crop, the transforms in their order, normalisation. The crop draws from
/// child 0 of the sample's randomness, transform i from child i + 1.
public struct TrainTransform: SamplePipeline {
  /// Size, filter and statistics of the model's input.
  public let preprocessing: ImagePreprocessing
  /// How the crop is drawn.
  public let crop: SourceCrop
  /// What follows the crop.
  public let transforms: [any Transform]
  private let normalize: Normalize

  /// A pipeline; `interpolation` is the crop's filter, by default that of the preprocessing.
  public init(
    _ preprocessing: ImagePreprocessing, crop: SourceCrop = SourceCrop(),
    transforms: [any Transform] = [HorizontalFlip()], interpolation: Interpolation? = nil
  ) {
    precondition(preprocessing.issues.isEmpty, preprocessing.issues.joined(separator: "; "))
    var preprocessing = preprocessing
    preprocessing.interpolation = interpolation ?? preprocessing.interpolation
    self.preprocessing = preprocessing
    self.crop = crop
    self.transforms = transforms
    normalize = Normalize(mean: preprocessing.mean, std: preprocessing.std)
  }

  /// Height of the model's input.
  public var outputHeight: Int { preprocessing.height }
  /// Width of the model's input.
  public var outputWidth: Int { preprocessing.width }

  /// The random crop.
  public func plan(width: Int, height: Int, random: KeyedRandom) -> SourcePlan {
    var random = random.child(0)
    return SourcePlan(
      region: crop.plan(width: width, height: height, random: &random), minimumSize: (outputWidth, outputHeight))
  }

  /// Resizes the crop, applies the transforms and normalises.
  public func write(
    _ region: ImageBuffer, box: ResampleBox, plan: SourcePlan, width: Int, height: Int, random: KeyedRandom,
    into out: UnsafeMutablePointer<Float>
  ) {
    let resize = ResamplePlan(
      sourceWidth: region.width, sourceHeight: region.height, box: box, width: outputWidth, height: outputHeight,
      interpolation: preprocessing.interpolation)
    // A flip at the end costs nothing when the numbers are written from right to left.
    let flip = transforms.last as? HorizontalFlip
    var flipRandom = random.child(transforms.count)
    let isMirrored = flip.map { flipRandom.bool(probability: $0.probability) } ?? false
    let others = transforms.dropLast(flip == nil ? 0 : 1)
    guard others.isEmpty else {
      var image = resize.apply(region, origin: (0, 0))
      for (index, transform) in others.enumerated() {
        var random = random.child(index + 1)
        image = transform.apply(image, random: &random)
      }
      precondition(
        image.width == outputWidth && image.height == outputHeight,
        "the transforms made \(image.width)x\(image.height) of \(outputWidth)x\(outputHeight)")
      return normalize.write(image, mirrored: isMirrored, into: out)
    }
    let planeSize = outputWidth * outputHeight
    resize.forEachRow(of: region, origin: (0, 0)) { row, samples in
      normalize.write(
        row: samples, width: outputWidth, mirrored: isMirrored, into: out + row * outputWidth, planeSize: planeSize)
    }
  }
}
