#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The weight functions of Pillow's resampling, at scale one. `support` is where they reach zero.
enum ResampleFilter {
  case box
  case triangle
  case hamming
  case cubic
  case lanczos

  var support: Double {
    switch self {
    case .box: 0.5
    case .triangle, .hamming: 1
    case .cubic: 2
    case .lanczos: 3
    }
  }

  /// The weight at a distance from the centre; the cubic is Keys's (1981) with a = -0.5.
  func weight(_ distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .box: return distance > -0.5 && distance <= 0.5 ? 1 : 0
    case .triangle: return x < 1 ? 1 - x : 0
    case .hamming:
      // Pillow's two constants are of single precision.
      return x < 1 ? Self.sinc(x) * (Double(Float(0.54)) + Double(Float(0.46)) * cos(x * .pi)) : 0
    case .cubic:
      let a = -0.5
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
      return 0
    case .lanczos: return x < 3 ? Self.sinc(x) * Self.sinc(x / 3) : 0
    }
  }

  private static func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(x * .pi) / (x * .pi) }
}
