/// Logarithm and exponential from additions, multiplications and divisions alone, so that what they decide (a crop, a
/// noise sample) has the same bits whatever the platform's mathematical library. Relative error below 4e-16 and 1e-15.
public enum DeterministicMath {
  private static let ln2High = 0x1.62E42FEFA3800p-1
  private static let ln2Low = 0x1.EF35793C76730p-45

  /// The natural logarithm of a positive, finite number.
  public static func log(_ x: Double) -> Double {
    precondition(x > 0 && x.isFinite, "log needs a positive, finite number, got \(x)")
    var exponent = Double(x.exponent)
    var mantissa = x.significand
    if mantissa > 1.4142135623730951 {
      mantissa *= 0.5
      exponent += 1
    }
    // log m = 2 artanh(s), s = (m - 1) / (m + 1), |s| <= 0.172
    let s = (mantissa - 1) / (mantissa + 1)
    let square = s * s
    var series = 0.0
    for k in stride(from: 25, through: 3, by: -2) { series = (series + 1 / Double(k)) * square }
    return exponent * ln2High + (2 * s + (2 * s * series + exponent * ln2Low))
  }

  /// e to the power x, for x between -700 and 700.
  public static func exp(_ x: Double) -> Double {
    precondition(abs(x) <= 700, "exp needs a number between -700 and 700, got \(x)")
    let exponent = (x * 1.4426950408889634).rounded()
    let rest = (x - exponent * ln2High) - exponent * ln2Low
    var series = 1.0
    for k in stride(from: 16, through: 1, by: -1) { series = 1 + series * rest / Double(k) }
    return series * Double(sign: .plus, exponent: Int(exponent), significand: 1)
  }
}
