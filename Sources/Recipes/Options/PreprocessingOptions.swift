public import Preprocessing
public import Settings

/// Changes to what the preset's model expects of an image.
public struct PreprocessingOptions: Validatable, Equatable {
  /// The part of the resized image that the centre crop of evaluation keeps.
  public var cropFraction: Double?
  /// Whether evaluation keeps the aspect ratio (`short_side`) or not (`squash`).
  public var resizeMode: ResizeMode?
  /// The filter of all resizing.
  public var interpolation: Interpolation?
  /// What is subtracted from each channel, on a scale of 0 to 1.
  public var mean: [Double]?
  /// What each channel is divided by after that.
  public var std: [Double]?

  /// No change.
  public init() {}

  /// The preset's preprocessing with these changes, for images of `size` x `size`.
  func applied(to preset: ImagePreprocessing, size: Int) -> ImagePreprocessing {
    var result = preset
    result.inputSize = [size, size]
    if let cropFraction { result.cropFraction = cropFraction }
    if let resizeMode { result.resizeMode = resizeMode }
    if let interpolation { result.interpolation = interpolation }
    if let mean { result.mean = mean }
    if let std { result.std = std }
    return result
  }

  /// Reports values out of range.
  public func validate(_ issues: inout IssueCollector) {
    if let cropFraction { issues.check("crop_fraction", cropFraction, in: 0.01...1) }
    if let mean { issues.check(mean.count == 3 && mean.allSatisfy(\.isFinite), "mean", found: mean, "three numbers") }
    if let std {
      issues.check(
        std.count == 3 && std.allSatisfy { $0 > 0 && $0.isFinite }, "std", found: std, "three positive numbers")
    }
  }
}
