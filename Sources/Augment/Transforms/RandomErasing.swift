public import KeyedRandom
public import Settings

/// Rectangles of the normalised image overwritten (Zhong et al., "Random Erasing Data Augmentation", 2017), as timm and
/// torchvision have it. A rectangle that does not fit is drawn again, ten times at most.
public struct RandomErasing: NormalizedTransform, DrawnTransform, TransformOptions {
  /// What a rectangle is overwritten with; the names are timm's.
  public enum Mode: String, Codable, CaseIterable, Sendable {
    /// A given number for each channel; 0 is the mean of the normalisation.
    case const
    /// A normally distributed number for each channel, as timm's `rand`.
    case rand
    /// A normally distributed number for each sample: timm's `pixel`, torchvision's `random`.
    case pixel
  }

  /// How often.
  public var probability = 0.5
  /// The smallest and the largest part of the area, which all rectangles take together.
  public var scale = [0.02, 1.0 / 3]
  /// The smallest and the largest ratio of height to width, drawn uniformly in its logarithm.
  public var ratio = [0.3, 1 / 0.3]
  /// const, rand or pixel.
  public var mode = Mode.const
  /// The smallest number of rectangles, which share the area.
  public var minimumCount = 1
  /// The largest number.
  public var maximumCount = 1
  /// The number for all channels or for each, for the mode `const`.
  public var value = ScalarOrList<Double>.scalar(0)

  /// timm's defaults.
  public init() {}

  /// Reports ranges that are empty or that no rectangle can have.
  public func validate(_ issues: inout IssueCollector) {
    issues.check("probability", probability, in: 0...1)
    issues.checkAscending("scale", scale, in: 0...1, "two ascending numbers from 0 to 1")
    issues.checkAscending("ratio", ratio, in: 1e-6...1e6, "two ascending positive numbers")
    issues.check("minimum_count", minimumCount, in: 1...1000)
    issues.check("maximum_count", maximumCount, in: 1...1000)
    issues.check(
      minimumCount <= maximumCount, "minimum_count", found: minimumCount,
      "at most maximum_count (\(maximumCount))", related: ["maximum_count"])
    issues.check(
      value.elements.count == (value.isList ? 3 : 1) && value.elements.allSatisfy { abs($0) <= 1e6 }, "value",
      found: value.elements, "a number, or a list of three")
  }

  /// The rectangles.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> [ErasedRect] {
    guard random.bool(probability: probability) else { return [] }
    let number = minimumCount + random.integer(below: maximumCount - minimumCount + 1)
    let value = (0..<3).map { Float(self.value.elements[self.value.isList ? $0 : 0]) }
    return (0..<number).compactMap { _ in
      guard let rect = rect(width: width, height: height, share: number, random: &random) else { return nil }
      switch mode {
      case .const: return ErasedRect(rect, .color(value))
      case .rand: return ErasedRect(rect, .color((0..<3).map { _ in Float(random.normal()) }))
      case .pixel: return ErasedRect(rect, .noise(key: Int(truncatingIfNeeded: random.next())))
      }
    }
  }

  private func rect(width: Int, height: Int, share: Int, random: inout KeyedRandom) -> PixelRect? {
    let logRatio = DeterministicMath.log(ratio[0])...DeterministicMath.log(ratio[1])
    for _ in 0..<10 {
      let area = random.uniform(in: scale[0]...scale[1]) * Double(width * height) / Double(share)
      let aspect = DeterministicMath.exp(random.uniform(in: logRatio))
      let rows = Int((area * aspect).squareRoot().rounded(.toNearestOrEven))
      let columns = Int((area / aspect).squareRoot().rounded(.toNearestOrEven))
      if columns < width, rows < height {
        let y = random.integer(below: height - rows + 1)
        return PixelRect(x: random.integer(below: width - columns + 1), y: y, width: columns, height: rows)
      }
    }
    return nil
  }

  /// Draws and overwrites.
  public func apply(
    _ values: UnsafeMutableBufferPointer<Float>, width: Int, height: Int, random: inout KeyedRandom
  ) {
    apply(draw(width: width, height: height, random: &random), to: values, width: width, height: height)
  }

  /// Overwrites 3 x height x width numbers.
  public func apply(
    _ draw: [ErasedRect], to values: UnsafeMutableBufferPointer<Float>, width: Int, height: Int
  ) {
    precondition(values.count == 3 * width * height, "\(values.count) numbers are none of 3x\(height)x\(width)")
    for erased in draw { erased.write(into: values, width: width, height: height) }
  }

  /// The same on bytes, where a sample of 127.5 stands for 0 and one of 255 for 1.
  public func apply(_ draw: [ErasedRect], to image: ImageBuffer) -> ImageBuffer {
    if draw.isEmpty { return image }
    let normalize = Normalize(mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5])
    let size = image.width * image.height
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * size) { values in
      normalize.write(image, into: values.baseAddress!)
      apply(draw, to: values, width: image.width, height: image.height)
      return ImageBuffer(width: image.width, height: image.height) { target in
        for index in 0..<3 * size {
          let sample = (values[index % 3 * size + index / 3] * 127.5 + 127.5).rounded()
          target[index] = UInt8(max(0, min(255, sample)))
        }
      }
    }
  }
}

/// A rectangle that random erasing overwrites, and with what.
public struct ErasedRect: Sendable, Equatable {
  /// What is written, in normalised numbers.
  public enum Content: Sendable, Equatable {
    /// A number for each channel.
    case color([Float])
    /// Normally distributed numbers, in 2^16 steps, which follow from the key.
    case noise(key: Int)
    /// Given numbers, 3 x height x width of the rectangle.
    case values([Float])
  }

  /// The place.
  public var rect: PixelRect
  /// What is written.
  public var content: Content

  /// A rectangle and what is written.
  public init(_ rect: PixelRect, _ content: Content) {
    self.rect = rect
    self.content = content
  }

  func write(into values: UnsafeMutableBufferPointer<Float>, width: Int, height: Int) {
    if rect.width == 0 || rect.height == 0 { return }
    precondition(
      PixelRect(x: 0, y: 0, width: width, height: height).contains(rect), "\(rect) lies outside of \(width)x\(height)")
    var noise: NormalNoise?
    if case .noise(let key) = content { noise = NormalNoise(key: key) }
    for channel in 0..<3 {
      for row in 0..<rect.height {
        let start = (channel * height + rect.y + row) * width + rect.x
        let line = UnsafeMutableBufferPointer(rebasing: values[start..<start + rect.width])
        switch content {
        case .color(let color): line.update(repeating: color[channel])
        case .noise: noise?.fill(line)
        case .values(let numbers):
          let first = (channel * rect.height + row) * rect.width
          for column in 0..<rect.width { line[column] = numbers[first + column] }
        }
      }
    }
  }
}
