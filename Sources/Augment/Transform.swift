// What a transform is: the plain protocol, and those of transforms that draw before they apply, that settings name, that
// work on normalised numbers, that draw once for a batch, and that are one change of an image's pixels.

public import KeyedRandom
public import Settings

/// Number of columns and rows of an image.
public typealias ImageSize = (width: Int, height: Int)

/// A change of an image that may depend on chance. Everything random comes from `random`, whose key is (seed, epoch,
/// sample, index of the transform), so that a sample's pixels don't depend on workers or order.
public protocol Transform: Sendable {
  /// The changed image.
  func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer

  /// The size of the changed image, from that of the image (nil: not known); nil where chance decides. The size stays
  /// unless a transform says otherwise.
  func outputSize(of size: ImageSize?) -> ImageSize?
}

extension Transform {
  /// The size of the image.
  public func outputSize(of size: ImageSize?) -> ImageSize? { size }

  /// The size where an image of one size becomes one of another with a probability.
  func outputSize(of size: ImageSize?, changed: ImageSize?, probability: Double) -> ImageSize? {
    if probability >= 1 { return changed }
    guard probability > 0 else { return size }
    guard let size, let changed, size == changed else { return nil }
    return size
  }
}

/// A random transform in two halves: what will be done is drawn into a plain value, and the value is carried out. So a
/// draw can be looked at, counted, or replaced by one's own.
public protocol DrawnTransform: Transform {
  /// What will be done to an image.
  associatedtype Draw: Sendable & Equatable

  /// Draws what will be done to an image of the given size.
  func draw(width: Int, height: Int, random: inout KeyedRandom) -> Draw

  /// Does it. Nothing here is random.
  func apply(_ draw: Draw, to image: ImageBuffer) -> ImageBuffer
}

extension DrawnTransform {
  /// Draws and applies.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    apply(draw(width: image.width, height: image.height, random: &random), to: image)
  }
}

/// What a user sets of a transform: as a rule the transform itself, whose stored properties are its settings.
public protocol TransformOptions: Validatable {
  /// The transform with these settings, which have been validated.
  func makeTransform() -> any Transform
}

extension TransformOptions {
  /// The defaults with some settings changed: `Rotate { $0.degrees = 17 }`.
  public init(_ change: (inout Self) -> Void) {
    self.init()
    change(&self)
  }
}

extension TransformOptions where Self: Transform {
  /// Itself.
  public func makeTransform() -> any Transform { self }
}

/// One change of an image's pixels, with settings; only whether it happens is random. A new one is a file like
/// `Posterize.swift`, a line of ``TransformRegistry``, and a test.
public protocol PixelTransform: DrawnTransform, TransformOptions where Draw == Bool {
  /// How often the image is changed, 0 to 1.
  var probability: Double { get }

  /// The changed image.
  func changed(_ image: ImageBuffer) -> ImageBuffer

  /// Reports settings that make no sense, but for the probability; a range refuses NaN too. Unless given, all do.
  func check(_ issues: inout IssueCollector)
}

extension PixelTransform {
  /// Whether the image is changed.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> Bool {
    random.bool(probability: probability)
  }

  /// The changed image, or the image.
  public func apply(_ draw: Bool, to image: ImageBuffer) -> ImageBuffer { draw ? changed(image) : image }

  /// Accepts every value.
  public func check(_ issues: inout IssueCollector) {}

  /// Reports settings that make no sense, and a probability outside of 0 to 1.
  public func validate(_ issues: inout IssueCollector) {
    check(&issues)
    issues.check("probability", probability, in: 0...1)
  }
}

/// A random change of an image's numbers after normalisation. In a list of transforms those of this kind come last,
/// after the normalisation, in their order.
public protocol NormalizedTransform: Transform {
  /// Changes 3 x height x width numbers in place.
  func apply(_ values: UnsafeMutableBufferPointer<Float>, width: Int, height: Int, random: inout KeyedRandom)
}

/// A transform that draws once for all images of a batch. The loader asks for the batch's own before the first sample.
public protocol BatchTransform: Transform {
  /// The transform of one batch. `random` is keyed by (seed, epoch, batch, index of the transform).
  func forBatch(random: inout KeyedRandom) -> any Transform
}
