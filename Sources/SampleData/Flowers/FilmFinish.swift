// What a camera adds: exposure, contrast, a colour cast, uneven light, a soft lens and grain.

/// Turns a painted canvas into bytes.
struct FilmFinish {
  private let gain: SIMD4<Float>
  private let contrast: Float
  private let slope: SIMD2<Float>
  private let vignette: Float
  private let grain: Float
  private let chroma: Float
  private let softness: Float
  private let seed: UInt32

  init(random: inout SceneRandom) {
    let exposure = random.between(0.68, 1.2)
    let warmth = random.peaked() * 0.12
    gain = SIMD4(exposure * (1 + warmth), exposure * (1 + 0.03 * random.peaked()), exposure * (1 - warmth), 1)
    contrast = random.between(0.75, 1.2)
    slope = SIMD2(random.peaked() * 0.4, random.peaked() * 0.4)
    vignette = random.chance(0.5) ? random.between(0, 0.45) : 0
    grain = random.chance(0.7) ? random.between(0.005, 0.035) : 0.003
    chroma = random.between(0, 0.4)
    softness = random.between(0, 1.2)
    seed = random.word() | 1
  }

  /// The finished picture, interleaved RGB.
  func develop(_ canvas: PaintCanvas) -> [UInt8] {
    canvas.soften(amount: min(softness, 1))
    let width = canvas.width
    let height = canvas.height
    let scaleX = 1 / Float(width)
    let scaleY = 1 / Float(height)
    // Four bytes of a word make a sum with mean 510 and standard deviation 148.
    let spread = grain / 148
    return [UInt8](unsafeUninitializedCapacity: width * height * 3) { bytes, count in
      var state = seed
      var index = 0
      for row in 0..<height {
        let y = (Float(row) + 0.5) * scaleY - 0.5
        for column in 0..<width {
          let x = (Float(column) + 0.5) * scaleX - 0.5
          state ^= state << 13
          state ^= state >> 17
          state ^= state << 5
          let sum = (state & 255) + ((state >> 8) & 255) + ((state >> 16) & 255) + (state >> 24)
          let noise = (Float(sum) - 510) * spread
          let tint = (Float(state & 255) - 127.5) * (spread * chroma)
          let light = (1 + slope.x * x + slope.y * y) * (1 - vignette * 2 * (x * x + y * y))
          var colour = canvas.pixels[row * width + column] * gain * light
          colour = (colour - 0.45) * contrast + 0.45 + SIMD4(noise + tint, noise - tint, noise - tint, 0)
          colour = (colour * 255 + 0.5).clamped(lowerBound: SIMD4(repeating: 0), upperBound: SIMD4(repeating: 255))
          bytes[index] = UInt8(colour.x)
          bytes[index + 1] = UInt8(colour.y)
          bytes[index + 2] = UInt8(colour.z)
          index += 3
        }
      }
      count = index
    }
  }
}
