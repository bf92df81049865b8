public import Preprocessing

/// One operation on an image with its arguments: what a policy has drawn. Names are those of torchvision's and timm's
/// policies.
public enum PixelOperation: Sendable, Equatable {
  /// Nothing.
  case identity
  /// Each channel stretched to 0...255.
  case autoContrast
  /// Each channel's histogram flattened.
  case equalize
  /// 255 - sample.
  case invert
  /// The luma in all three channels.
  case grayscale
  /// Only the given number of high bits, 0 to 8, kept.
  case posterize(bits: Int)
  /// Samples from the threshold on inverted.
  case solarize(threshold: Double)
  /// The number added to samples below the threshold.
  case solarizeAdd(Int, threshold: Int)
  /// Blended with its luma: 0 is grey, 1 the image itself, more is more colourful.
  case color(Double)
  /// Blended with its mean luma.
  case contrast(Double)
  /// Multiplied.
  case brightness(Double)
  /// Blended with a smoothed image: 0 is smooth, 1 the image itself, more is sharper.
  case sharpness(Double)
  /// The hue moved on, in whole turns.
  case hue(Double)
  /// Pillow's Gaussian blur.
  case gaussianBlur(radius: Double)
  /// Pixel (x, y) shows the source's (x + factor * y, y).
  case shearX(Double)
  /// Pixel (x, y) shows the source's (x, y + factor * x).
  case shearY(Double)
  /// Moved to the right by a number of pixels.
  case translateX(Double)
  /// Moved down by a number of pixels.
  case translateY(Double)
  /// Turned counter-clockwise about the centre.
  case rotate(degrees: Double)
}

/// An operation as a policy carries it out.
public struct PolicyStep: Sendable, Equatable {
  /// The operation and its arguments.
  public var operation: PixelOperation
  /// The filter of a rotation, shear or translation.
  public var interpolation: Interpolation

  /// A step from its parts.
  public init(_ operation: PixelOperation, interpolation: Interpolation = .nearest) {
    self.operation = operation
    self.interpolation = interpolation
  }
}

extension ImageBuffer {
  /// The image after a step of a policy; `fill` goes where a moved image shows nothing.
  public func applying(_ step: PolicyStep, fill: (UInt8, UInt8, UInt8) = (0, 0, 0)) -> ImageBuffer {
    let filter = step.interpolation
    switch step.operation {
    case .identity: return self
    case .autoContrast: return autoContrast()
    case .equalize: return equalized()
    case .invert: return inverted()
    case .grayscale: return grayscale()
    case .posterize(let bits): return posterized(bits: bits)
    case .solarize(let threshold): return solarized(threshold: Int(threshold.rounded(.up)))
    case .solarizeAdd(let addition, let threshold): return solarizedAdd(addition, threshold: threshold)
    case .color(let factor): return color(factor)
    case .contrast(let factor): return contrast(factor)
    case .brightness(let factor): return brightness(factor)
    case .sharpness(let factor): return sharpness(factor)
    case .hue(let amount): return hueShifted(by: amount)
    case .gaussianBlur(let radius): return gaussianBlurred(radius: radius)
    case .shearX(let factor): return sheared(x: factor, interpolation: filter, fill: fill)
    case .shearY(let factor): return sheared(y: factor, interpolation: filter, fill: fill)
    case .translateX(let pixels): return translated(x: pixels, interpolation: filter, fill: fill)
    case .translateY(let pixels): return translated(y: pixels, interpolation: filter, fill: fill)
    case .rotate(let degrees): return rotated(degrees: degrees, interpolation: filter, fill: fill)
    }
  }

  /// The image after steps that follow each other.
  public func applying(_ steps: [PolicyStep], fill: (UInt8, UInt8, UInt8) = (0, 0, 0)) -> ImageBuffer {
    steps.reduce(self) { $0.applying($1, fill: fill) }
  }
}
