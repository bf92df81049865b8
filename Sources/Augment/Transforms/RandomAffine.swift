public import KeyedRandom
public import Preprocessing
public import Settings

/// A random turn, move, zoom and slant about the centre: torchvision's `RandomAffine`.
public struct RandomAffine: DrawnTransform, TransformOptions {
  /// The angle in degrees, clockwise: up to so many either way, or between two numbers.
  public var degrees = ScalarOrList<Double>.scalar(10)
  /// The largest move, as parts (0 to 1) of width and height; none if left out.
  public var translate: [Double]?
  /// The smallest and the largest zoom; none if left out.
  public var scale: [Double]?
  /// The slant in degrees: of rows, up to so many either way or between two numbers; or of four numbers, of rows between
  /// the first two and of columns between the others; none if left out.
  public var shear: ScalarOrList<Double>?
  /// Nearest, bilinear or bicubic.
  public var interpolation = Interpolation.nearest
  /// The colour of what lies outside: grey, or red, green and blue.
  public var fill = ScalarOrList<Int>.scalar(0)
  /// The column and row about which the image turns, in pixels from the upper left corner; the middle if left out.
  public var center: [Double]?

  /// Turns of up to ten degrees; torchvision has no default.
  public init() {}

  /// What is done to an image.
  public struct Draw: Sendable, Equatable {
    /// The angle in degrees, clockwise.
    public var degrees = 0.0
    /// Whole pixels to the right and down.
    public var translation = SIMD2(0, 0)
    /// The zoom.
    public var scale = 1.0
    /// The slant of rows and of columns in degrees.
    public var shear = SIMD2(0.0, 0)

    /// No change.
    public init() {}
  }

  /// Reports ranges that are none, and what is no filter, point or colour.
  public func validate(_ issues: inout IssueCollector) {
    issues.checkAmount("degrees", degrees, upTo: 1e6)
    if let translate {
      issues.check(
        translate.count == 2 && translate.allSatisfy((0...1).contains), "translate", found: translate,
        "two numbers from 0 to 1")
    }
    if let scale { issues.checkAscending("scale", scale, in: 1e-3...1000, "two ascending numbers from 0.001 to 1000") }
    if let shear {
      issues.check(
        Self.ranges(of: shear).map { $0.allSatisfy { $0.lowerBound >= -360 && $0.upperBound <= 360 } } ?? false,
        "shear",
        found: shear.elements, "a number from 0 to 360, or two or four, each two of them ascending, from -360 to 360")
    }
    issues.checkPointwise(interpolation)
    issues.checkFill(fill)
    issues.checkPoint("center", center)
  }

  /// The range of the rows' slant, and that of the columns' where it is given; nil where these are none.
  private static func ranges(of shear: ScalarOrList<Double>) -> [ClosedRange<Double>]? {
    let numbers = shear.isList ? shear.elements : shear.elements.flatMap { [-$0, $0] }
    let pairs = stride(from: 0, to: numbers.count & ~1, by: 2).map { (numbers[$0], numbers[$0 + 1]) }
    guard [2, 4].contains(numbers.count), pairs.allSatisfy({ $0 <= $1 }) else { return nil }
    return pairs.map { $0...$1 }
  }

  /// The numbers of the transform.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> Draw {
    var draw = Draw()
    draw.degrees = random.uniform(in: degrees.eitherWay)
    if let translate {
      func move(_ part: Double, _ side: Int) -> Int {
        let limit = part * Double(side)
        return Int(random.uniform(in: -limit...limit).rounded(.toNearestOrEven))
      }
      let right = move(translate[0], width)
      draw.translation = SIMD2(right, move(translate[1], height))
    }
    if let scale { draw.scale = random.uniform(in: scale[0]...scale[1]) }
    for (axis, range) in (shear.flatMap(Self.ranges) ?? []).enumerated() {
      draw.shear[axis] = random.uniform(in: range)
    }
    return draw
  }

  /// The transformed image.
  public func apply(_ draw: Draw, to image: ImageBuffer) -> ImageBuffer {
    let matrix = AffineMatrix(
      degrees: draw.degrees, translation: (Double(draw.translation.x), Double(draw.translation.y)), scale: draw.scale,
      shearDegrees: (draw.shear.x, draw.shear.y),
      center: center.map { ($0[0], $0[1]) } ?? (Double(image.width) * 0.5, Double(image.height) * 0.5))
    return image.affine(matrix, interpolation: interpolation, fill: fill.color)
  }
}
