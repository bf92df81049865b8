/// Mean and standard deviation of the channels (red, green, blue; pixel values scaled to 0...1) that published weights
/// were trained with.
public struct ChannelStatistics: Sendable, Equatable {
  /// Mean of red, green and blue.
  public let mean: [Double]
  /// Standard deviation of red, green and blue.
  public let std: [Double]

  /// Statistics of ImageNet's training images, used by DeiT, torchvision and most convolutional networks.
  public static let imageNet = ChannelStatistics(mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225])
  /// Pixels mapped to -1...1, used by the original Vision Transformers ("inception" in timm).
  public static let inception = ChannelStatistics(mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5])
}
