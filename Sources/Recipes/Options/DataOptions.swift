public import Augment
public import Dataset
public import Preprocessing
public import Settings
import Torch

/// Which images a run takes, and how it reads and changes them.
public struct DataOptions: Validatable, Equatable {
  /// How training images are changed before the model sees them.
  public struct Augmentation: Validatable, Equatable {
    /// What part of an image is taken.
    public var crop = Crop.randomResized
    /// The smallest part of an image's area that the random resized crop takes.
    public var minimumScale = 0.08
    /// The largest part.
    public var maximumScale = 1.0
    /// The smallest ratio of the crop's width to its height.
    public var minimumRatio = 3.0 / 4
    /// The largest ratio.
    public var maximumRatio = 4.0 / 3
    /// How far a `random` crop may reach beyond the image, in pixels of the model's input.
    public var padding = 4
    /// What it shows there; `constant` is black.
    public var paddingMode = PaddingMode.constant
    /// The probability of a horizontal flip.
    public var flip = 0.5
    /// The filter that resizes the crop; that of the preprocessing if left out.
    public var interpolation: Interpolation?
    /// How often in a row an epoch shows an image, each time changed anew.
    public var repeats = 1
    /// What follows crop and flip, in this order; random erasing comes after the normalisation, wherever it stands.
    public var transforms: [TransformSettings] = []

    /// The ImageNet crop and a flip every other time.
    public init() {}

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("minimum_scale", minimumScale, in: 1e-4...1)
      issues.check("maximum_scale", maximumScale, in: 1e-4...1)
      issues.check(
        minimumScale <= maximumScale, "minimum_scale", found: minimumScale, "at most maximum_scale (\(maximumScale))",
        related: ["maximum_scale"])
      issues.check("minimum_ratio", minimumRatio, in: 0.01...100)
      issues.check("maximum_ratio", maximumRatio, in: 0.01...100)
      issues.check(
        minimumRatio <= maximumRatio, "minimum_ratio", found: minimumRatio, "at most maximum_ratio (\(maximumRatio))",
        related: ["maximum_ratio"])
      issues.check("padding", padding, in: 0...ImagePreprocessing.maxSide)
      issues.check("flip", flip, in: 0...1)
      issues.check("repeats", repeats, in: 1...1000)
    }

    /// The order of an epoch: every image once, or repeated.
    func sampler(seed: UInt64) -> any Sampler {
      repeats > 1 ? RepeatedSampler(seed: seed, numRepeats: repeats) : ShuffledSampler(seed: seed)
    }
  }

  /// How pixels get from the loader to the device; the numbers that the model sees are the same.
  public enum Pixels: String, Codable, Sendable, CaseIterable {
    /// `uint8` to a GPU, where no transform works on normalised numbers; else `float32`.
    case auto
    /// As normalised numbers.
    case float32
    /// As 8-bit samples, a quarter of the bytes, which the device normalises.
    case uint8
  }

  /// The folder: `train/CLASS/...` and `validation/CLASS/...`, or `CLASS/...`, which is split on the fly; or TFRecord
  /// shards, `train/train-00000-of-00008` and `validation/validation-00000-of-00002`.
  public var path = ""
  /// Ratio of training to validation images, if the folder has no validation split.
  public var split = SplitRatio(train: 4, validation: 1)
  /// Which images of a class that split sends to training.
  public var splitRule = SplitRule.exact
  /// The order that gives classes their numbers.
  public var classOrder = ClassOrder.byte
  /// Training images of a batch.
  public var batchSize = 64
  /// Validation images of a batch; `batch_size` if left out.
  public var evaluationBatchSize: Int?
  /// Threads that read and decode; the processors that this process may use, at most 8, if left out.
  public var workers: Int?
  /// Batches made ahead of the one in use.
  public var prefetch = 4
  /// Whether a last training batch that is not full is left out.
  public var dropLast = false
  /// What happens at a file that cannot be decoded.
  public var onError = DataLoader.ErrorPolicy.skip
  /// The share of such files above which the run stops all the same.
  public var maximumBadFraction = 0.01
  /// When the checksums of TFRecord shards are checked.
  public var verify = RecordVerification.first
  /// How pixels get to the device.
  public var pixels = Pixels.auto
  /// What is kept in memory from one epoch to the next.
  public var cache = DataLoader.CachePolicy.none
  /// The largest image that is decoded, in pixels.
  public var maximumPixels = DataLoader.Options().maxPixels
  /// Megabytes that decoding may take at a time, over all workers; an image that needs more is decoded alone. A quarter
  /// of the machine's memory, or of the control group's limit, if left out.
  public var decodeMemory: Int?
  /// Whether large training JPEGs may be decoded at a fraction of their size; never for evaluation.
  public var dctScaling = false
  /// How training images are changed.
  public var augmentation = Augmentation()

  /// The defaults; `path` has to be given.
  public init() {}

  /// Reports values out of range.
  public func validate(_ issues: inout IssueCollector) {
    issues.check(!path.isEmpty, "path", found: "nothing", "the folder with the images")
    issues.check("batch_size", batchSize, in: 1...1_000_000)
    if let evaluationBatchSize { issues.check("evaluation_batch_size", evaluationBatchSize, in: 1...1_000_000) }
    if let workers { issues.check("workers", workers, in: 0...1024) }
    issues.check("prefetch", prefetch, in: 1...1024)
    issues.check("maximum_bad_fraction", maximumBadFraction, in: 0...1)
    issues.check("maximum_pixels", maximumPixels, in: ImageDecoder.pixelLimits)
    if let decodeMemory { issues.check("decode_memory", decodeMemory, in: 1...1_000_000_000) }
    if pixels == .uint8, let name = augmentation.transformsOfNumbers.first {
      issues.check(
        false, "pixels", found: pixels.rawValue, "auto or float32 with \(name), which works on normalised numbers",
        related: ["augmentation.transforms"])
    }
    issues.check(
      !(dctScaling && cache == .decoded), "dct_scaling", found: dctScaling,
      "false with cache: decoded, which keeps images in full size", related: ["cache"])
  }

  /// Whether batches go to `device` as 8-bit samples.
  func givesBytes(to device: Device, training: Bool) -> Bool {
    let isWanted = pixels == .uint8 || (pixels == .auto && device.kind == .cuda)
    return isWanted && !(training && !augmentation.transformsOfNumbers.isEmpty)
  }

  /// The loader's own options, for training or for evaluation.
  func loaderOptions(seed: UInt64, training: Bool) -> DataLoader.Options {
    var options = DataLoader.Options()
    options.batchSize = training ? batchSize : evaluationBatchSize ?? batchSize
    options.numWorkers = workers ?? min(8, AvailableProcessors.count)
    options.prefetch = prefetch
    options.seed = seed
    options.dropLast = training && dropLast
    options.onError = onError
    options.maxBadFraction = maximumBadFraction
    options.cache = cache
    options.maxPixels = maximumPixels
    if let decodeMemory { options.memoryLimit = decodeMemory * 1_000_000 }
    options.dctScaling = training && dctScaling
    return options
  }
}
