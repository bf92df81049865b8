/// How fast a model worked through images.
public struct ComputeRate: Sendable, Equatable {
  /// Images in a second.
  public var imagesPerSecond: Double
  /// Floating-point operations in a second, by the model's shape (`VisionModels.FLOPs`).
  public var flopsPerSecond: Double
  /// Model FLOP/s utilisation (Chowdhery et al. 2022): the share of the device's peak, from 0; nil where the peak is not
  /// known.
  public var utilization: Double?

  /// A rate.
  /// - Parameters:
  ///   - flopsPerImage: what an image takes.
  ///   - peak: FLOP/s of the device at best, if known.
  public init(imagesPerSecond: Double, flopsPerImage: Double, peak: Double?) {
    self.imagesPerSecond = imagesPerSecond
    flopsPerSecond = imagesPerSecond * flopsPerImage
    utilization = peak.map { imagesPerSecond * flopsPerImage / $0 }
  }
}
