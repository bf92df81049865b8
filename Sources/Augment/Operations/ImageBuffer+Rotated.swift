public import Preprocessing

extension ImageBuffer {
  /// Turned counterclockwise about the centre: Pillow's `rotate`, which torchvision and timm call. With `expand` the
  /// output is large enough for the whole image, else it has this image's size. The number must be finite.
  public func rotated(
    degrees: Double, interpolation: Interpolation = .nearest, fill: (UInt8, UInt8, UInt8) = (0, 0, 0),
    expand: Bool = false
  ) -> ImageBuffer {
    precondition(degrees.isFinite, "an angle must be a finite number, got \(degrees)")
    var angle = degrees.truncatingRemainder(dividingBy: 360)
    if angle < 0 { angle += 360 }
    switch angle {
    case 0: return self
    case 180: return turnedByQuarters(2)
    case 90 where expand || width == height: return turnedByQuarters(1)
    case 270 where expand || width == height: return turnedByQuarters(3)
    default: break
    }
    var matrix = AffineMatrix(rotatingBy: angle, center: (Double(width) / 2, Double(height) / 2))
    guard expand else { return affine(matrix, interpolation: interpolation, fill: fill) }
    let (right, bottom) = (Double(width), Double(height))
    let corners = [(0, 0), (right, 0), (right, bottom), (0, bottom)].map { matrix.apply(x: $0.0, y: $0.1) }
    func extent(_ numbers: [Double]) -> Int { Int(numbers.max()!.rounded(.up) - numbers.min()!.rounded(.down)) }
    let (newWidth, newHeight) = (extent(corners.map(\.x)), extent(corners.map(\.y)))
    (matrix.c, matrix.f) = matrix.apply(x: -Double(newWidth - width) / 2, y: -Double(newHeight - height) / 2)
    return affine(matrix, width: newWidth, height: newHeight, interpolation: interpolation, fill: fill)
  }

  /// Turned counterclockwise by a number of right angles (1 to 3), without interpolation.
  func turnedByQuarters(_ numQuarters: Int) -> ImageBuffer {
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
