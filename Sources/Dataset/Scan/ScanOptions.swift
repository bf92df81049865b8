// What a user sets of a scan.

public import Settings

extension DatasetScan {
  /// The settings of a scan.
  public struct Options: Validatable, Hashable {
    /// Loader threads.
    public var numThreads = 2
    /// The largest image that is decoded, in pixels: that of the run.
    public var maxPixels = ImageDecoder().maxPixels
    /// The largest file that is read, in bytes.
    public var fileByteLimit = FileReader.defaultLimit
    /// An image with a side below this is noted as tiny, in pixels.
    public var minSide = 32
    /// Classes are noted as unbalanced where the largest has so many times the samples of the smallest.
    public var maxClassRatio = 10.0
    /// Bytes that files and pixels may take at a time; a single image that needs more is looked at alone.
    public var memoryLimit = SystemMemory.decodingShare

    /// The defaults.
    public init() {}

    /// Checks the values.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("num_threads", numThreads, in: 1...1024)
      issues.check("max_pixels", maxPixels, in: ImageDecoder.pixelLimits)
      issues.check("file_byte_limit", fileByteLimit, atLeast: 1)
      issues.check("min_side", minSide, in: 1...65_536)
      issues.check("max_class_ratio", maxClassRatio, in: 1...1e9)
      issues.check("memory_limit", memoryLimit, atLeast: 1)
    }
  }
}
