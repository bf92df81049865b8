// The five classes of the flowers sample set and what tells them apart.
//
// What carries the class is structure: the number, shape and arrangement of the petals and the texture of the middle.
// Colour does not: the palettes of the classes overlap on purpose (see `FlowerPalette`).

/// A class of the procedural flowers set; the raw value is the name of the class and of its folder.
enum FlowerSpecies: String, CaseIterable, Sendable {
  case daisy, dandelion, roses, sunflowers, tulips
}
