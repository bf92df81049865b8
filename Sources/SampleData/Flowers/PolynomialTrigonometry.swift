// Sine, cosine and arc tangent as polynomials: the same bits on every platform, which libm does not promise, and faster
// where a painter asks for them per pixel. Only additions, multiplications and divisions of IEEE single precision.

/// Trigonometric functions that round alike on every platform.
enum PolynomialTrigonometry {
  static let pi: Float = 3.141_592_74

  /// sin(x), absolute error below 1e-5 for |x| < 1000.
  @inline(__always)
  static func sine(_ x: Float) -> Float {
    let turns = x * 0.159_154_943
    // Rounds to the nearest integer by way of the mantissa: no call of libm, as `rounded()` is on a plain x86-64.
    let magic: Float = 12_582_912
    let nearest = (turns + magic) - magic
    let t = turns - nearest
    // sin(2 pi t) on [-1/2, 1/2], folded to [-1/4, 1/4].
    let folded = t > 0.25 ? 0.5 - t : (t < -0.25 ? -0.5 - t : t)
    let z = folded * 6.283_185_5
    let z2 = z * z
    return z * (1 + z2 * (-0.166_666_567 + z2 * (0.008_333_025 + z2 * (-0.000_198_074_19 + z2 * 0.000_002_601_903))))
  }

  /// cos(x), absolute error below 1e-5 for |x| < 1000.
  @inline(__always)
  static func cosine(_ x: Float) -> Float { sine(x + 1.570_796_37) }

  /// The angle of (x, y) in -pi...pi, absolute error below 1e-4; zero at the origin.
  @inline(__always)
  static func angle(y: Float, x: Float) -> Float {
    let ax = abs(x)
    let ay = abs(y)
    let largest = max(ax, ay)
    if largest == 0 { return 0 }
    let t = min(ax, ay) / largest
    let t2 = t * t
    var result =
      t
      * (0.999_977_26 + t2
        * (-0.332_623_47 + t2
          * (0.193_543_46 + t2
            * (-0.116_432_87 + t2
              * (0.052_653_32
                + t2 * -0.011_721_20)))))
    if ay > ax { result = 1.570_796_37 - result }
    if x < 0 { result = pi - result }
    return y < 0 ? -result : result
  }
}
