public import KeyedRandom
public import Settings

/// Brightness, contrast, saturation and hue changed by random factors, in a random order: torchvision's `ColorJitter`.
public struct ColorJitter: DrawnTransform, TransformOptions {
  /// The brightness is multiplied by 1 - this (at least 0) to 1 + this; of two numbers, by a factor between them.
  public var brightness = ScalarOrList<Double>.scalar(0)
  /// The same of the contrast.
  public var contrast = ScalarOrList<Double>.scalar(0)
  /// The same of the saturation.
  public var saturation = ScalarOrList<Double>.scalar(0)
  /// The hue is moved on by up to this many turns, either way; of two numbers, by one between them.
  public var hue = ScalarOrList<Double>.scalar(0)
  /// How often an image is changed.
  public var probability = 1.0

  /// No change at all.
  public init() {}

  /// Reports amounts out of range.
  public func validate(_ issues: inout IssueCollector) {
    for (key, amount) in [("brightness", brightness), ("contrast", contrast), ("saturation", saturation)] {
      Self.check(key, amount, in: 0...100, &issues)
    }
    Self.check("hue", hue, in: hue.isList ? -0.5...0.5 : 0...0.5, &issues)
    issues.check("probability", probability, in: 0...1)
  }

  private static func check(
    _ key: String, _ amount: ScalarOrList<Double>, in limits: ClosedRange<Double>, _ issues: inout IssueCollector
  ) {
    switch amount {
    case .scalar(let amount): issues.check(key, amount, in: limits)
    case .list: issues.checkRange(key, amount, in: limits)
    }
  }

  /// The changes in their order; none where the image stays as it is.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> [PolicyStep] {
    guard random.bool(probability: probability) else { return [] }
    func drawn(_ amount: ScalarOrList<Double>, around middle: Double, atLeast bound: Double) -> Double? {
      switch amount {
      case .list: random.uniform(in: amount.range)
      case .scalar(let amount):
        amount > 0 ? random.uniform(in: max(bound, middle - amount)...middle + amount) : nil
      }
    }
    let changes: [PixelOperation?] = [
      drawn(brightness, around: 1, atLeast: 0).map { .brightness($0) },
      drawn(contrast, around: 1, atLeast: 0).map { .contrast($0) },
      drawn(saturation, around: 1, atLeast: 0).map { .color($0) },
      drawn(hue, around: 0, atLeast: -0.5).map { .hue($0) },
    ]
    return random.shuffled(4).compactMap { changes[$0].map { PolicyStep($0) } }
  }

  /// The changes one after the other.
  public func apply(_ draw: [PolicyStep], to image: ImageBuffer) -> ImageBuffer { image.applying(draw) }
}
