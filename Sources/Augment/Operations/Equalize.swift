import Settings

/// Each channel's values spread so that all are about equally frequent: Pillow's `ImageOps.equalize`.
public struct Equalize: PixelTransform {
  /// How often.
  public var probability = 1.0

  /// The defaults.
  public init() {}

  /// The changed image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer { image.equalized() }
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
