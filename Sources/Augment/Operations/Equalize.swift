public import KeyedRandom
public import Settings

/// Each channel's values spread so that all are about equally frequent: Pillow's `ImageOps.equalize`.
public struct Equalize: Transform {
  /// How often.
  public var probability: Double

  /// The transform with the given numbers.
  public init(probability: Double = 1) {
    self.probability = probability
  }

  /// The changed image; only whether it is changed is random.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    guard random.bool(probability: probability) else { return image }
    return image.equalized()
  }
}

extension Equalize {
  /// What a user sets of it.
  public struct Options: TransformOptions {
    /// How often.
    public var probability = 1.0

    /// The defaults.
    public init() {}

    /// Reports numbers that make no sense, and those that are not finite.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("probability", probability, in: 0...1)
    }

    /// The transform.
    public func makeTransform() -> any Transform {
      Equalize(probability: probability)
    }
  }
}

extension ImageBuffer {
  /// Each channel's values spread so that all are about equally frequent, as Pillow's `ImageOps.equalize` does it.
  public func equalized() -> ImageBuffer {
    let identity = (0...255).map { UInt8($0) }
    let tables = Histogram(self).channels.map { counts in
      guard let last = counts.last(where: { $0 > 0 }) else { return identity }
      let step = (width * height - last) / 255
      guard step > 0 else { return identity }
      var sum = step / 2
      return counts.map { count in
        defer { sum += count }
        return UInt8(min(255, sum / step))
      }
    }
    return tables.allSatisfy { $0 == identity } ? self : LookupTable(channels: tables).apply(self)
  }
}
