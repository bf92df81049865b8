/// What a model expects of an image: its size, how it is cut and interpolated, and how pixels become numbers. Stored in
/// every checkpoint, so that evaluation and prediction need no other source. The defaults are those of timm's Vision
/// Transformers at 224 pixels. Missing keys take the defaults when decoding; impossible values throw.
public struct ImagePreprocessing: Codable, Sendable, Equatable {
  /// Height and width of the model's input, in pixels.
  public var inputSize: [Int] = [224, 224]
  /// The part of the resized image, along each side, that the centre crop keeps (timm's `crop_pct`), in (0, 1].
  public var cropFraction: Double = 0.9
  /// How the image is resized before the centre crop.
  public var resizeMode: ResizeMode = .shortSide
  /// The filter of the resize.
  public var interpolation: Interpolation = .bicubic
  /// Mean of red, green and blue, subtracted from pixels scaled to 0...1.
  public var mean: [Double] = ChannelStatistics.inception.mean
  /// Standard deviation of red, green and blue, by which the difference is divided.
  public var std: [Double] = ChannelStatistics.inception.std

  /// The largest side of an input that is accepted.
  public static let maxSide = 16384

  /// The preprocessing of timm's Vision Transformers: 224 pixels, crop 0.9, bicubic, mean and deviation 0.5.
  public init() {}

  /// A square input of the given side, with the rest as given.
  public init(
    size: Int, cropFraction: Double = 0.9, resizeMode: ResizeMode = .shortSide, interpolation: Interpolation = .bicubic,
    statistics: ChannelStatistics = .inception
  ) {
    inputSize = [size, size]
    self.cropFraction = cropFraction
    self.resizeMode = resizeMode
    self.interpolation = interpolation
    mean = statistics.mean
    std = statistics.std
  }

  /// Decodes and checks; throws `DecodingError.dataCorrupted` naming the first impossible value.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    inputSize = try container.decodeIfPresent([Int].self, forKey: .inputSize) ?? inputSize
    cropFraction = try container.decodeIfPresent(Double.self, forKey: .cropFraction) ?? cropFraction
    resizeMode = try container.decodeIfPresent(ResizeMode.self, forKey: .resizeMode) ?? resizeMode
    interpolation = try container.decodeIfPresent(Interpolation.self, forKey: .interpolation) ?? interpolation
    mean = try container.decodeIfPresent([Double].self, forKey: .mean) ?? mean
    std = try container.decodeIfPresent([Double].self, forKey: .std) ?? std
    if let issue = issues.first {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: issue))
    }
  }

  /// Height of the model's input.
  public var height: Int { inputSize[0] }
  /// Width of the model's input.
  public var width: Int { inputSize[1] }

  /// What is impossible in these values, one sentence each; empty when all is well.
  public var issues: [String] {
    var issues: [String] = []
    if inputSize.count != 2 || inputSize.contains(where: { $0 < 1 || $0 > Self.maxSide }) {
      issues.append("input size must be a height and a width between 1 and \(Self.maxSide), got \(inputSize)")
    }
    // Below 1/64 the resized image would outgrow the memory that one sample may take.
    if !(cropFraction >= 1.0 / 64 && cropFraction <= 1) {
      issues.append("crop fraction must be between 1/64 and 1, got \(cropFraction)")
    }
    if mean.count != 3 || mean.contains(where: { !$0.isFinite }) {
      issues.append("mean must be three finite numbers, got \(mean)")
    }
    if std.count != 3 || std.contains(where: { !($0.isFinite && $0 > 0) }) {
      issues.append("std must be three positive numbers, got \(std)")
    }
    return issues
  }
}

/// How an image is brought to the size from which the centre is cropped.
public enum ResizeMode: String, Codable, Sendable, CaseIterable {
  /// The short side becomes the target, the aspect ratio is kept.
  case shortSide = "short_side"
  /// Both sides become the target, the aspect ratio is given up.
  case squash
}

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
