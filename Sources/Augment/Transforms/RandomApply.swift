public import KeyedRandom
public import Settings

/// Transforms that are all applied, in their order, with the given probability: torchvision's `RandomApply`. Each draws
/// from a child of its own.
public struct RandomApply: Transform {
  /// The transforms.
  public var transforms: [any Transform]
  /// How often.
  public var probability: Double

  /// A list with the given probability.
  public init(_ transforms: [any Transform], probability: Double = 0.5) {
    self.transforms = transforms
    self.probability = probability
  }

  /// The image after all of them, or the image.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    guard random.bool(probability: probability) else { return image }
    var image = image
    for (index, transform) in transforms.enumerated() {
      var child = random.child(index)
      image = transform.apply(image, random: &child)
    }
    return image
  }

  /// The size after all of them; nil where it is another one now and then.
  public func outputSize(of size: ImageSize?) -> ImageSize? {
    outputSize(of: size, changed: transforms.reduce(size) { $1.outputSize(of: $0) }, probability: probability)
  }
}

extension RandomApply {
  /// What a user sets of it.
  public struct Options: TransformOptions {
    /// The transforms.
    public var transforms: [TransformSettings] = []
    /// How often.
    public var probability = 0.5

    /// Nothing to apply.
    public init() {}

    /// Reports a probability outside of 0 to 1.
    public func validate(_ issues: inout IssueCollector) { issues.check("probability", probability, in: 0...1) }

    /// The list.
    public func makeTransform() -> any Transform {
      RandomApply(transforms.map { $0.options.makeTransform() }, probability: probability)
    }
  }
}
