public import KeyedRandom
public import Preprocessing
public import Settings

/// A view from a random place, in which each corner of the image is moved inwards: torchvision's `RandomPerspective`.
public struct RandomPerspective: DrawnTransform, TransformOptions {
  /// How far corners move, as a part (0 to 1) of half the width and height.
  public var distortionScale = 0.5
  /// How often.
  public var probability = 0.5
  /// Nearest, bilinear or bicubic.
  public var interpolation = Interpolation.bilinear
  /// The colour of what lies outside: grey, or red, green and blue.
  public var fill = ScalarOrList<Int>.scalar(0)

  /// torchvision's defaults.
  public init() {}

  /// Reports numbers that make no sense.
  public func validate(_ issues: inout IssueCollector) {
    issues.check("distortion_scale", distortionScale, in: 0...1)
    issues.check("probability", probability, in: 0...1)
    issues.checkPointwise(interpolation)
    issues.checkFill(fill)
  }

  /// Where the corners of the image come to lie: upper left, upper right, lower right, lower left; none where the image
  /// stays as it is.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> [SIMD2<Int>] {
    guard random.bool(probability: probability) else { return [] }
    let reach = SIMD2(Int(distortionScale * Double(width / 2)), Int(distortionScale * Double(height / 2)))
    return Self.corners(width: width, height: height).map { corner in
      let right = random.integer(below: reach.x + 1)
      let down = random.integer(below: reach.y + 1)
      return SIMD2(corner.x == 0 ? right : corner.x - right, corner.y == 0 ? down : corner.y - down)
    }
  }

  /// The view. Where there is none because corners lie on one line, as in an image of one row, the image stays as it is.
  public func apply(_ draw: [SIMD2<Int>], to image: ImageBuffer) -> ImageBuffer {
    guard !draw.isEmpty,
      let matrix = PerspectiveMatrix(from: Self.corners(width: image.width, height: image.height), to: draw)
    else { return image }
    return image.perspective(matrix, interpolation: interpolation, fill: fill.color)
  }

  private static func corners(width: Int, height: Int) -> [SIMD2<Int>] {
    [SIMD2(0, 0), SIMD2(width - 1, 0), SIMD2(width - 1, height - 1), SIMD2(0, height - 1)]
  }
}
