public import KeyedRandom
public import Settings

/// Rectangles of the normalised image overwritten (Zhong et al., "Random Erasing Data Augmentation", 2017), as timm and
/// torchvision have it. A rectangle that does not fit is drawn again, ten times at most.
public struct RandomErasing: NormalizedTransform, DrawnTransform {
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
  public var probability: Double
  /// The part of the area that all rectangles take together.
  public var scale: ClosedRange<Double>
  /// The ratio of height to width, drawn uniformly in its logarithm.
  public var ratio: ClosedRange<Double>
  /// What a rectangle is overwritten with.
  public var mode: Mode
  /// Number of rectangles.
  public var count: ClosedRange<Int>
  /// The number of each channel for the mode `const`.
  public var value: [Float]

  /// An erasing with timm's defaults.
  public init(
    probability: Double = 0.5, scale: ClosedRange<Double> = 0.02...1.0 / 3, ratio: ClosedRange<Double> = 0.3...1 / 0.3,
    mode: Mode = .const, count: ClosedRange<Int> = 1...1, value: [Float] = [0, 0, 0]
  ) {
    precondition(scale.lowerBound >= 0 && scale.upperBound <= 1, "a scale lies in 0...1, got \(scale)")
    precondition(ratio.lowerBound >= 1e-6 && ratio.upperBound <= 1e6, "a ratio must be positive, got \(ratio)")
    precondition(count.lowerBound > 0 && value.count == 3, "erasing needs rectangles, and a value for each channel")
    self.probability = probability
    self.scale = scale
    self.ratio = ratio
    self.mode = mode
    self.count = count
    self.value = value
  }

  /// The rectangles.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> [ErasedRect] {
    guard random.bool(probability: probability) else { return [] }
    let number = count.lowerBound + random.integer(below: count.count)
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
    let logRatio = DeterministicMath.log(ratio.lowerBound)...DeterministicMath.log(ratio.upperBound)
    for _ in 0..<10 {
      let area = random.uniform(in: scale) * Double(width * height) / Double(share)
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

extension RandomErasing {
  /// What a user sets of it.
  public struct Options: TransformOptions {
    /// How often.
    public var probability = 0.5
    /// The smallest and the largest part of the area.
    public var scale = [0.02, 1.0 / 3]
    /// The smallest and the largest ratio of height to width.
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
      issues.check(
        Self.isRange(scale) && scale[0] >= 0 && scale[1] <= 1, "scale", found: scale,
        "two ascending numbers from 0 to 1")
      issues.check(
        Self.isRange(ratio) && ratio[0] >= 1e-6 && ratio[1] <= 1e6, "ratio", found: ratio,
        "two ascending positive numbers")
      issues.check("minimum_count", minimumCount, in: 1...1000)
      issues.check("maximum_count", maximumCount, in: 1...1000)
      issues.check(
        minimumCount <= maximumCount, "minimum_count", found: minimumCount,
        "at most maximum_count (\(maximumCount))", related: ["maximum_count"])
      issues.check(
        value.elements.count == (value.isList ? 3 : 1) && value.elements.allSatisfy { abs($0) <= 1e6 }, "value",
        found: value.elements, "a number, or a list of three")
    }

    private static func isRange(_ numbers: [Double]) -> Bool { numbers.count == 2 && numbers[0] <= numbers[1] }

    /// The erasing.
    public func makeTransform() -> any Transform {
      RandomErasing(
        probability: probability, scale: scale[0]...scale[1], ratio: ratio[0]...ratio[1], mode: mode,
        count: minimumCount...maximumCount, value: (0..<3).map { Float(value.elements[value.isList ? $0 : 0]) })
    }
  }
}
