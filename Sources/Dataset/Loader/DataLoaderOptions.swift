// What a user sets of a loader.

public import Settings

extension DataLoader {
  /// What happens at a bad sample.
  public enum ErrorPolicy: String, Codable, Sendable, CaseIterable {
    /// It is named once, left out, counted and listed.
    case skip
    /// The loader stops with its name.
    case stop
  }

  /// What is kept in memory from one epoch to the next. The pixels are the same with and without.
  public enum CachePolicy: String, Codable, Sendable, CaseIterable {
    /// Nothing.
    case none
    /// The bytes of the files.
    case encoded
    /// The decoded images: for small sets of small images.
    case decoded
  }

  /// The settings of a loader.
  public struct Options: Validatable, Hashable {
    /// The samples of a batch over all ranks.
    public var batchSize = 64
    /// Threads that read and decode; with 0, the thread that asks for a batch makes it itself.
    public var numWorkers = 2
    /// Batches made ahead of the one in use, at least 1. Memory is bounded by this number and one more.
    public var prefetch = 4
    /// The seed of the augmentation; a `ShuffledSampler` has its own.
    public var seed: UInt64 = 0
    /// Whether a last batch that is not full is left out.
    public var dropLast = false
    /// What happens at a bad sample.
    public var onError = ErrorPolicy.skip
    /// The share of different bad samples above which the loader stops all the same.
    public var maxBadFraction = 0.01
    /// What is kept in memory.
    public var cache = CachePolicy.none
    /// How many bytes the cache may hold; samples past it are read anew in each epoch.
    public var cacheByteLimit = 1 << 30
    /// The largest file that is read, in bytes.
    public var fileByteLimit = FileReader.defaultLimit
    /// The largest image that is decoded, in pixels.
    public var maxPixels = ImageDecoder().maxPixels
    /// Bytes that decoding may take at a time, over all workers; an image that needs more is decoded alone.
    public var memoryLimit = SystemMemory.decodingShare
    /// Whether a JPEG may be decoded at a half, a quarter or an eighth of its size where that is enough: faster on large
    /// photos, not quite the same pixels, never for evaluation.
    public var dctScaling = false

    /// The defaults.
    public init() {}

    /// Checks the values, and what they mean together.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("batch_size", batchSize, in: 1...1_000_000)
      issues.check("num_workers", numWorkers, in: 0...1024)
      issues.check("prefetch", prefetch, in: 1...1024)
      issues.check("max_bad_fraction", maxBadFraction, in: 0...1)
      issues.check("cache_byte_limit", cacheByteLimit, atLeast: 0)
      issues.check("file_byte_limit", fileByteLimit, atLeast: 1)
      issues.check("max_pixels", maxPixels, in: ImageDecoder.pixelLimits)
      issues.check("memory_limit", memoryLimit, atLeast: 1)
      issues.check(
        !(dctScaling && cache == .decoded), "dct_scaling", found: dctScaling,
        "false with cache: decoded, which keeps images in full size", related: ["cache"])
    }
  }
}
