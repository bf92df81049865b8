public import KeyedRandom
public import Settings

/// Left and right exchanged, with the given probability.
public struct HorizontalFlip: Transform {
  /// How often.
  public var probability: Double

  /// A flip with the given probability.
  public init(probability: Double = 0.5) {
    self.probability = probability
  }

  /// The image or its mirror image.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    random.bool(probability: probability) ? image.mirrored() : image
  }
}

extension ImageBuffer {
  /// The image with left and right exchanged.
  public func mirrored() -> ImageBuffer {
    pixels.withUnsafeBufferPointer { source in
      ImageBuffer(width: width, height: height) { target in
        for row in 0..<height {
          let start = row * width * 3
          Self.mirror(source.baseAddress! + start, width: width, into: target.baseAddress! + start)
        }
      }
    }
  }

  /// Writes a row of RGB pixels from right to left.
  static func mirror(_ row: UnsafePointer<UInt8>, width: Int, into out: UnsafeMutablePointer<UInt8>) {
    var from = row + width * 3
    var to = out
    for _ in 0..<width {
      from -= 3
      (to[0], to[1], to[2]) = (from[0], from[1], from[2])
      to += 3
    }
  }
}

extension HorizontalFlip {
  /// What a user sets of a flip.
  public struct Options: TransformOptions {
    /// How often.
    public var probability = 0.5

    /// The defaults.
    public init() {}

    /// Reports a probability outside of 0 to 1.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("probability", probability, in: 0...1)
    }

    /// The flip.
    public func makeTransform() -> any Transform { HorizontalFlip(probability: probability) }
  }
}
