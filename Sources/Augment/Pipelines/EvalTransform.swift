public import KeyedRandom
public import Preprocessing

/// The pipeline of evaluation and prediction, as timm's: the image is resized so that its short side (with `squash`:
/// each side) is floor(size / crop fraction), the centre is cropped, the numbers are normalised. Only the source pixels
/// under the centre are needed, and the result is the same as if all had been decoded and resized. Nothing is random.
public struct EvalTransform: SamplePipeline {
  /// Size, crop, filter and statistics of the model's input.
  public let preprocessing: ImagePreprocessing
  private let resize: Resize
  private let crop: CenterCrop
  private let normalize: Normalize

  /// The pipeline of a model's preprocessing; `asBytes` leaves the normalisation to whoever takes the samples.
  public init(_ preprocessing: ImagePreprocessing, asBytes: Bool = false) {
    precondition(preprocessing.issues.isEmpty, preprocessing.issues.joined(separator: "; "))
    self.preprocessing = preprocessing
    resize = Resize(
      height: Int((Double(preprocessing.height) / preprocessing.cropFraction).rounded(.down)),
      width: Int((Double(preprocessing.width) / preprocessing.cropFraction).rounded(.down)),
      mode: preprocessing.resizeMode, interpolation: preprocessing.interpolation)
    crop = CenterCrop(height: preprocessing.height, width: preprocessing.width)
    normalize = Normalize(mean: preprocessing.mean, std: preprocessing.std, isDeferred: asBytes)
  }

  /// Height of the model's input.
  public var outputHeight: Int { preprocessing.height }
  /// Width of the model's input.
  public var outputWidth: Int { preprocessing.width }
  /// The normalisation, where it is left to others.
  public var deferred: Normalize? { normalize.isDeferred ? normalize : nil }

  /// The source pixels under the centre crop of the resized image.
  public func plan(width: Int, height: Int, random: KeyedRandom) -> SourcePlan {
    SourcePlan(region: resamplePlan(width: width, height: height).source)
  }

  /// Computes the centre crop and normalises it.
  public func write(
    _ region: ImageBuffer, box: ResampleBox, plan: SourcePlan, width: Int, height: Int, random: KeyedRandom,
    into out: UnsafeMutableRawPointer
  ) {
    let planeSize = outputWidth * outputHeight
    let resample = resamplePlan(width: width, height: height)
    resample.forEachRow(of: region, origin: (plan.region.x, plan.region.y)) { row, samples in
      normalize.write(
        row: samples, width: outputWidth, mirrored: false, into: out, at: row * outputWidth, planeSize: planeSize)
    }
  }

  func resamplePlan(width: Int, height: Int) -> ResamplePlan {
    let size = resize.outputSize(width: width, height: height)
    return ResamplePlan(
      sourceWidth: width, sourceHeight: height, width: size.width, height: size.height,
      interpolation: preprocessing.interpolation, window: crop.rect(width: size.width, height: size.height))
  }
}
