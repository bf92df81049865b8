import Preprocessing

/// The weight functions of Pillow's resampling, at scale one. `support` is where they reach zero.
enum ResampleFilter {
  case triangle
  case cubic

  var support: Double {
    switch self {
    case .triangle: 1
    case .cubic: 2
    }
  }

  /// The weight at a distance from the centre; the cubic is Keys's (1981) with a = -0.5.
  func weight(_ distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .triangle: return x < 1 ? 1 - x : 0
    case .cubic:
      let a = -0.5
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
      return 0
    }
  }
}
