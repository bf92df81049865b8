public import Settings

/// Samples from a threshold on inverted: Pillow's `ImageOps.solarize`.
public struct Solarize: PixelTransform {
  /// The smallest sample that is inverted, 0 to 256.
  public var threshold = 128
  /// How often.
  public var probability = 1.0

  /// The defaults.
  public init() {}

  /// Reports numbers that make no sense.
  public func check(_ issues: inout IssueCollector) { issues.check("threshold", threshold, in: 0...256) }

  /// The changed image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer { image.solarized(threshold: threshold) }
}

/// The same, every other time: torchvision's `RandomSolarize`.
public struct RandomSolarize: PixelTransform {
  /// The smallest sample that is inverted, 0 to 256.
  public var threshold = 128
  /// How often.
  public var probability = 0.5

  /// The defaults.
  public init() {}

  /// Reports numbers that make no sense.
  public func check(_ issues: inout IssueCollector) { issues.check("threshold", threshold, in: 0...256) }

  /// The changed image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer { image.solarized(threshold: threshold) }
}

/// A number added to the samples below a threshold: timm's `solarize_add`.
public struct SolarizeAdd: PixelTransform {
  /// What is added.
  public var addition = 0
  /// The smallest sample that stays, 0 to 256.
  public var threshold = 128
  /// How often.
  public var probability = 1.0

  /// The defaults.
  public init() {}

  /// Reports numbers that make no sense.
  public func check(_ issues: inout IssueCollector) {
    issues.check("addition", addition, in: -255...255)
    issues.check("threshold", threshold, in: 0...256)
  }

  /// The changed image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer { image.solarizedAdd(addition, threshold: threshold) }
}

extension ImageBuffer {
  /// Samples from `threshold` (0 to 256) on inverted: Pillow's `ImageOps.solarize`. A threshold that is no whole number
  /// is to be rounded up.
  public func solarized(threshold: Int) -> ImageBuffer {
    precondition((0...256).contains(threshold), "a threshold lies between 0 and 256, got \(threshold)")
    if threshold == 256 { return self }
    let threshold = UInt8(threshold)
    return rewritten { samples, out, count in
      for index in 0..<count {
        let sample = samples[index]
        out[index] = sample < threshold ? sample : ~sample
      }
    }
  }

  /// `addition` added to the samples below `threshold` (0 to 256), up to 255 and down to 0: timm's `solarize_add`.
  public func solarizedAdd(_ addition: Int, threshold: Int = 128) -> ImageBuffer {
    precondition((0...256).contains(threshold), "a threshold lies between 0 and 256, got \(threshold)")
    let addition = max(-255, min(255, addition))
    return LookupTable { Int($0) < threshold ? UInt8(max(0, min(255, Int($0) + addition))) : $0 }.apply(self)
  }
}
