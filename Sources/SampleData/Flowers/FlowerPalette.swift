// Colours. The palettes of the five classes overlap, so that the mean colour of a picture says little about its class;
// each still favours what its gardens favour.

/// The colours that flowers, leaves and backdrops are drawn from.
enum FlowerPalette {
  /// White, cream, lemon, yellow; orange, coral, pink, magenta; red, burgundy, purple, lilac.
  private static let petals: [SIMD4<Float>] = [
    SIMD4(0.95, 0.93, 0.91, 1), SIMD4(0.96, 0.90, 0.74, 1), SIMD4(0.95, 0.88, 0.42, 1), SIMD4(0.97, 0.78, 0.10, 1),
    SIMD4(0.95, 0.52, 0.10, 1), SIMD4(0.93, 0.44, 0.36, 1), SIMD4(0.94, 0.62, 0.72, 1), SIMD4(0.82, 0.22, 0.52, 1),
    SIMD4(0.80, 0.11, 0.13, 1), SIMD4(0.48, 0.08, 0.16, 1), SIMD4(0.52, 0.28, 0.66, 1), SIMD4(0.76, 0.66, 0.90, 1),
  ]

  private static func weights(_ species: FlowerSpecies) -> [Float] {
    switch species {
    case .daisy: [4.2, 1.8, 1.0, 2.4, 1.5, 1.0, 2.1, 0.9, 1.2, 0.5, 0.8, 1.1]
    case .dandelion: [3.4, 2.0, 1.9, 4.0, 2.0, 1.0, 1.4, 0.3, 0.4, 0.1, 0.2, 0.8]
    case .roses: [2.7, 1.9, 1.2, 2.2, 1.6, 1.4, 2.4, 1.2, 2.0, 0.8, 0.3, 0.8]
    case .sunflowers: [2.2, 1.8, 1.9, 4.2, 2.2, 1.0, 1.2, 0.2, 1.2, 0.7, 0.1, 0.3]
    case .tulips: [2.6, 1.7, 1.2, 2.6, 1.8, 1.3, 1.9, 1.1, 1.8, 0.7, 0.9, 0.8]
    }
  }

  private static let greens: [SIMD4<Float>] = [
    SIMD4(0.22, 0.38, 0.13, 1), SIMD4(0.36, 0.52, 0.20, 1), SIMD4(0.16, 0.30, 0.16, 1), SIMD4(0.45, 0.55, 0.28, 1),
    SIMD4(0.28, 0.44, 0.30, 1),
  ]

  private static let backdrops: [SIMD4<Float>] = [
    SIMD4(0.20, 0.34, 0.12, 1), SIMD4(0.38, 0.52, 0.22, 1), SIMD4(0.10, 0.16, 0.09, 1), SIMD4(0.50, 0.56, 0.34, 1),
    SIMD4(0.34, 0.25, 0.17, 1), SIMD4(0.55, 0.50, 0.44, 1), SIMD4(0.55, 0.70, 0.88, 1), SIMD4(0.76, 0.82, 0.88, 1),
    SIMD4(0.08, 0.08, 0.10, 1), SIMD4(0.70, 0.62, 0.50, 1), SIMD4(0.20, 0.36, 0.38, 1), SIMD4(0.44, 0.36, 0.48, 1),
    SIMD4(0.80, 0.60, 0.42, 1),
  ]

  private static let backdropWeights: [Float] = [3, 3, 2, 2, 1.5, 1.3, 1.5, 1, 1.2, 1, 1, 0.8, 0.7]

  /// A petal colour of this class, varied.
  static func petal(_ species: FlowerSpecies, _ random: inout SceneRandom) -> SIMD4<Float> {
    varied(petals[random.index(weights: weights(species))], 0.06, &random)
  }

  /// Any petal colour, whatever the class: for blurred flowers in the distance.
  static func anyPetal(_ random: inout SceneRandom) -> SIMD4<Float> {
    varied(petals[random.integer(0, petals.count - 1)], 0.06, &random)
  }

  /// A leaf or stem colour, varied.
  static func green(_ random: inout SceneRandom) -> SIMD4<Float> {
    varied(greens[random.integer(0, greens.count - 1)], 0.07, &random)
  }

  /// A colour of the distance, varied.
  static func backdrop(_ random: inout SceneRandom) -> SIMD4<Float> {
    varied(backdrops[random.index(weights: backdropWeights)], 0.08, &random)
  }

  /// This colour, each channel moved by at most `amount` and all of them by as much again.
  static func varied(_ colour: SIMD4<Float>, _ amount: Float, _ random: inout SceneRandom) -> SIMD4<Float> {
    let light = random.between(-amount, amount)
    let shift = SIMD4(
      random.between(-amount, amount), random.between(-amount, amount), random.between(-amount, amount), 0)
    let moved = colour + shift + SIMD4(light, light, light, 0)
    return moved.clamped(lowerBound: SIMD4(0.01, 0.01, 0.01, 1), upperBound: SIMD4(0.99, 0.99, 0.99, 1))
  }
}
