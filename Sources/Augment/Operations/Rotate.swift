public import Preprocessing
public import Settings

/// A turn about the centre: Pillow's `rotate`.
public struct Rotate: PixelTransform {
  /// The angle, counterclockwise.
  public var degrees = 0.0
  /// Nearest, bilinear or bicubic.
  public var interpolation = Interpolation.nearest
  /// The colour of what lies outside: grey, or red, green and blue.
  public var fill = ScalarOrList<Int>.scalar(0)
  /// Whether the output grows so that all of the image is seen.
  public var expand = false
  /// How often.
  public var probability = 1.0

  /// The defaults.
  public init() {}

  /// Reports numbers that make no sense.
  public func check(_ issues: inout IssueCollector) {
    issues.check("degrees", degrees, in: -1e6...1e6)
    issues.checkPointwise(interpolation)
    issues.checkFill(fill)
  }

  /// The turned image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer {
    image.rotated(degrees: degrees, interpolation: interpolation, fill: fill.color, expand: expand)
  }

  /// The size of the image, or of the image that holds all of it.
  public func outputSize(of size: ImageSize?) -> ImageSize? {
    guard expand, let size else { return expand ? nil : size }
    let grown = Rotation(degrees: degrees, of: size, expand: true).size
    return outputSize(of: size, changed: grown, probability: probability)
  }
}

/// What Pillow's `rotate` does to an image of a given size.
struct Rotation {
  /// The size of what comes out.
  private(set) var size: ImageSize
  /// The right angles that turn the image without interpolation, 0 to 3; nil where it takes the matrix.
  let numQuarters: Int?
  /// Where each pixel comes from.
  private(set) var matrix: AffineMatrix

  /// A turn counterclockwise about `center` (nil: the middle). With `expand` the output is large enough for the whole
  /// image turned about its middle, unless it had more than four times ``ImageBuffer/maximumPixels``.
  init(degrees: Double, of size: ImageSize, expand: Bool, center: (x: Double, y: Double)? = nil) {
    precondition(degrees.isFinite, "an angle must be a finite number, got \(degrees)")
    var angle = degrees.truncatingRemainder(dividingBy: 360)
    if angle < 0 { angle += 360 }
    let (width, height) = (Double(size.width), Double(size.height))
    matrix = AffineMatrix(rotatingBy: angle, center: center ?? (width / 2, height / 2))
    if center == nil,
      angle == 0 || angle == 180 || expand && (angle == 90 || angle == 270)
        || size.width == size.height && (angle == 90 || angle == 270)
    {
      numQuarters = Int(angle / 90)
      self.size = angle == 90 || angle == 270 ? (size.height, size.width) : size
      return
    }
    numQuarters = nil
    self.size = size
    guard expand else { return }
    let corners = [(0, 0), (width, 0), (width, height), (0, height)].map { matrix.apply(x: $0.0, y: $0.1) }
    func extent(_ numbers: [Double]) -> Double { numbers.max()!.rounded(.up) - numbers.min()!.rounded(.down) }
    let grown = (x: extent(corners.map(\.x)), y: extent(corners.map(\.y)))
    guard grown.x * grown.y <= Double(4 * ImageBuffer.maximumPixels) else { return }
    (matrix.c, matrix.f) = matrix.apply(x: -(grown.x - width) / 2, y: -(grown.y - height) / 2)
    self.size = (Int(grown.x), Int(grown.y))
  }
}

extension ImageBuffer {
  /// Turned counterclockwise about the centre, or about another point in pixels from the upper left corner: Pillow's
  /// `rotate`, which torchvision and timm call. With `expand` the output is large enough for the whole image turned about
  /// its middle (unless that takes more than 2^28 pixels), else it has this image's size. The numbers must be finite.
  public func rotated(
    degrees: Double, interpolation: Interpolation = .nearest, fill: (UInt8, UInt8, UInt8) = (0, 0, 0),
    expand: Bool = false, center: (x: Double, y: Double)? = nil
  ) -> ImageBuffer {
    let rotation = Rotation(degrees: degrees, of: (width, height), expand: expand, center: center)
    if let numQuarters = rotation.numQuarters { return turnedByQuarters(numQuarters) }
    return affine(
      rotation.matrix, width: rotation.size.width, height: rotation.size.height, interpolation: interpolation,
      fill: fill)
  }

  /// Turned counterclockwise by a number of right angles (0 to 3), without interpolation.
  func turnedByQuarters(_ numQuarters: Int) -> ImageBuffer {
    if numQuarters == 0 { return self }
    let (newWidth, newHeight) = numQuarters == 2 ? (width, height) : (height, width)
    return pixels.withUnsafeBufferPointer { samples in
      ImageBuffer(width: newWidth, height: newHeight) { out in
        var target = out.baseAddress!
        for y in 0..<newHeight {
          for x in 0..<newWidth {
            let (sourceX, sourceY) =
              switch numQuarters {
              case 1: (width - 1 - y, x)
              case 2: (width - 1 - x, height - 1 - y)
              default: (y, height - 1 - x)
              }
            let source = samples.baseAddress! + (sourceY * width + sourceX) * 3
            (target[0], target[1], target[2]) = (source[0], source[1], source[2])
            target += 3
          }
        }
      }
    }
  }
}
