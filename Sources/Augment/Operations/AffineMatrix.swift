#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where each pixel of an image comes from: the output's point (x, y) shows the input's point
/// (a x + b y + c, d x + e y + f), in pixels from the upper left corner, as Pillow's `transform(AFFINE)` has it.
public struct AffineMatrix: Sendable, Equatable {
  /// The six numbers, two rows of three.
  public var a, b, c, d, e, f: Double

  /// A matrix from its two rows.
  public init(_ a: Double, _ b: Double, _ c: Double, _ d: Double, _ e: Double, _ f: Double) {
    (self.a, self.b, self.c) = (a, b, c)
    (self.d, self.e, self.f) = (d, e, f)
  }

  /// torchvision's `functional.affine`: turned clockwise by `degrees`, sheared by angles, scaled about `center`, then
  /// moved by `translation`.
  public init(
    degrees: Double = 0, translation: (x: Double, y: Double) = (0, 0), scale: Double = 1,
    shearDegrees: (x: Double, y: Double) = (0, 0), center: (x: Double, y: Double)
  ) {
    precondition(scale > 0, "a scale is positive, got \(scale)")
    let turn = degrees * (.pi / 180)
    let (shearX, shearY) = (shearDegrees.x * (.pi / 180), shearDegrees.y * (.pi / 180))
    let forwardA = cos(turn - shearY) / cos(shearY)
    let forwardB = -cos(turn - shearY) * tan(shearX) / cos(shearY) - sin(turn)
    let forwardC = sin(turn - shearY) / cos(shearY)
    let forwardD = -sin(turn - shearY) * tan(shearX) / cos(shearY) + cos(turn)
    self.init(forwardD / scale, -forwardB / scale, 0, -forwardC / scale, forwardA / scale, 0)
    c += a * (-center.x - translation.x) + b * (-center.y - translation.y)
    f += d * (-center.x - translation.x) + e * (-center.y - translation.y)
    c += center.x
    f += center.y
  }

  /// Pillow's `rotate`: turned counterclockwise about `center`.
  init(rotatingBy degrees: Double, center: (x: Double, y: Double)) {
    let angle = -(degrees * (.pi / 180))
    let (cosine, sine) = (Self.rounded(cos(angle)), Self.rounded(sin(angle)))
    self.init(cosine, sine, 0, -sine, cosine, 0)
    let moved = apply(x: -center.x, y: -center.y)
    c = moved.x + center.x
    f = moved.y + center.y
  }

  /// The point of the input that a point of the output shows.
  func apply(x: Double, y: Double) -> (x: Double, y: Double) {
    (a * x + b * y + c, d * x + e * y + f)
  }

  /// A number between -1 and 1 to 15 places after the point, correctly rounded (as Python's `round` does it).
  private static func rounded(_ number: Double) -> Double {
    let product = number * 1e15
    let error = (-product).addingProduct(number, 1e15)
    var nearest = product.rounded(.toNearestOrEven)
    let rest = product - nearest + error
    if rest > 0.5 { nearest += 1 } else if rest < -0.5 { nearest -= 1 }
    return nearest / 1e15
  }
}
