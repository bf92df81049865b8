public import KeyedRandom
public import Settings

/// Brightness, contrast, saturation and hue changed by random factors, in a random order: torchvision's `ColorJitter`.
public struct ColorJitter: DrawnTransform {
  /// The range of the brightness factor; nil: unchanged.
  public var brightness: ClosedRange<Double>?
  /// The range of the contrast factor.
  public var contrast: ClosedRange<Double>?
  /// The range of the saturation factor.
  public var saturation: ClosedRange<Double>?
  /// The range by which the hue is moved on, in turns, within -0.5...0.5.
  public var hue: ClosedRange<Double>?
  /// How often an image is changed.
  public var probability: Double

  /// A jitter by the given ranges.
  public init(
    brightness: ClosedRange<Double>? = nil, contrast: ClosedRange<Double>? = nil,
    saturation: ClosedRange<Double>? = nil, hue: ClosedRange<Double>? = nil, probability: Double = 1
  ) {
    for range in [brightness, contrast, saturation] {
      precondition(range?.lowerBound ?? 0 >= 0, "a factor must not be negative, got \(range!)")
    }
    precondition(
      hue.map { $0.lowerBound >= -0.5 && $0.upperBound <= 0.5 } ?? true, "hue lies within -0.5...0.5, got \(hue!)")
    self.brightness = brightness
    self.contrast = contrast
    self.saturation = saturation
    self.hue = hue
    self.probability = probability
  }

  /// A jitter by up to the given amounts: factors from 1 - amount (at least 0) to 1 + amount; 0 changes nothing.
  public init(
    brightness: Double, contrast: Double, saturation: Double, hue: Double = 0, probability: Double = 1
  ) {
    func range(_ amount: Double) -> ClosedRange<Double>? { amount > 0 ? max(0, 1 - amount)...1 + amount : nil }
    self.init(
      brightness: range(brightness), contrast: range(contrast), saturation: range(saturation),
      hue: hue > 0 ? -hue...hue : nil, probability: probability)
  }

  /// The changes in their order; none where the image stays as it is.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> [PolicyStep] {
    guard random.bool(probability: probability) else { return [] }
    let changes: [PixelOperation?] = [
      brightness.map { .brightness(random.uniform(in: $0)) }, contrast.map { .contrast(random.uniform(in: $0)) },
      saturation.map { .color(random.uniform(in: $0)) }, hue.map { .hue(random.uniform(in: $0)) },
    ]
    return random.shuffled(4).compactMap { changes[$0].map { PolicyStep($0) } }
  }

  /// The changes one after the other.
  public func apply(_ draw: [PolicyStep], to image: ImageBuffer) -> ImageBuffer { image.applying(draw) }
}

extension ColorJitter {
  /// What a user sets of a colour jitter.
  public struct Options: TransformOptions {
    /// The brightness is multiplied by 1 - this to 1 + this.
    public var brightness = 0.0
    /// The same of the contrast.
    public var contrast = 0.0
    /// The same of the saturation.
    public var saturation = 0.0
    /// The hue is moved on by up to this many turns, either way.
    public var hue = 0.0
    /// How often an image is changed.
    public var probability = 1.0

    /// No change at all.
    public init() {}

    /// Reports amounts out of range.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("brightness", brightness, in: 0...100)
      issues.check("contrast", contrast, in: 0...100)
      issues.check("saturation", saturation, in: 0...100)
      issues.check("hue", hue, in: 0...0.5)
      issues.check("probability", probability, in: 0...1)
    }

    /// The jitter.
    public func makeTransform() -> any Transform {
      ColorJitter(
        brightness: brightness, contrast: contrast, saturation: saturation, hue: hue, probability: probability)
    }
  }
}
