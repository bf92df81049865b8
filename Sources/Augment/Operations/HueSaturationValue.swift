/// A colour as hue, saturation and value of 8 bits each, converted with the precisions and the roundings of Pillow.
struct HueSaturationValue {
  var hue: UInt8
  var saturation: UInt8
  var value: UInt8

  @inline(__always)
  init(red: UInt8, green: UInt8, blue: UInt8) {
    let largest = max(red, max(green, blue))
    let smallest = min(red, min(green, blue))
    value = largest
    guard largest != smallest else {
      (hue, saturation) = (0, 0)
      return
    }
    let range = Float(largest - smallest)
    let redPart = Float(largest - red) / range
    let greenPart = Float(largest - green) / range
    let bluePart = Float(largest - blue) / range
    let sixths: Float
    if red == largest {
      sixths = bluePart - greenPart
    } else if green == largest {
      sixths = Float(2 + Double(redPart) - Double(bluePart))
    } else {
      sixths = Float(4 + Double(greenPart) - Double(redPart))
    }
    let turns = Double(sixths) / 6 + 1
    hue = UInt8(Double(Float(turns >= 1 ? turns - 1 : turns)) * 255)
    saturation = UInt8(Double(range / Float(largest)) * 255)
  }

  /// Red, green and blue.
  @inline(__always)
  var rgb: (UInt8, UInt8, UInt8) {
    guard saturation > 0 else { return (value, value, value) }
    let sixths = Double(Float(hue)) * 6 / 255
    let sector = Int(sixths)
    let fraction = Float(sixths - Double(Float(sector)))
    let strength = Float(Double(saturation) / 255)
    let full = Double(value)
    let low = Self.nearest(full * (1 - Double(strength)))
    let falling = Self.nearest(full * (1 - Double(strength * fraction)))
    let rising = Self.nearest(full * (1 - Double(strength) * (1 - Double(fraction))))
    switch sector {
    case 0, 6: return (value, rising, low)
    case 1: return (falling, value, low)
    case 2: return (low, value, rising)
    case 3: return (low, falling, value)
    case 4: return (rising, low, value)
    default: return (value, low, falling)
    }
  }

  /// A number from 0 to 255, rounded; `rounded()` is a call on processors that have no instruction for it.
  @inline(__always)
  private static func nearest(_ number: Double) -> UInt8 { UInt8(truncatingIfNeeded: Int32(number + 0.5)) }
}
