public import Preprocessing

/// Every model that has a name, in one table. Shapes and preprocessing are timm's for timm's names; `lite` and the
/// `patch4_32` models are those of CIFAR-sized images; `mu`, `m`, `so400m` and `e` are Google's (arXiv:2106.04560 and
/// successors).
public enum ViTPresets {
  /// All presets, in the order of the table.
  public static let all: [ViTPreset] = rows.map(\.preset)

  /// The names, in the order of the table.
  public static var names: [String] { all.map(\.name) }

  /// The preset of that name.
  public static subscript(name: String) -> ViTPreset? { byName[name] }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  // One row, one model: name, width, depth, heads, patch, image.
  private static let rows: [Row] = [
    Row("vit_lite_depth7_patch4_32", 256, 7, 4, 4, 32, mlpRatio: 2, .wholeImage),
    Row("vit_tiny_patch4_32", 512, 6, 8, 4, 32, mlpRatio: 1, .wholeImage),
    Row("vit_mu_patch16_224", 32, 1, 2, 16, 224),
    Row("vit_tiny_patch16_224", 192, 12, 3, 16, 224),
    Row("vit_tiny_patch16_384", 192, 12, 3, 16, 384),
    Row("vit_small_patch32_224", 384, 12, 6, 32, 224),
    Row("vit_small_patch32_384", 384, 12, 6, 32, 384),
    Row("vit_small_patch16_224", 384, 12, 6, 16, 224),
    Row("vit_small_patch16_384", 384, 12, 6, 16, 384),
    Row("vit_small_patch8_224", 384, 12, 6, 8, 224, .imageNet),
    Row("vit_m_patch16_224", 512, 12, 8, 16, 224),
    Row("vit_base_patch32_224", 768, 12, 12, 32, 224),
    Row("vit_base_patch32_384", 768, 12, 12, 32, 384),
    Row("vit_base_patch16_224", 768, 12, 12, 16, 224),
    Row("vit_base_patch16_384", 768, 12, 12, 16, 384),
    Row("vit_base_patch8_224", 768, 12, 12, 8, 224),
    Row("vit_large_patch32_224", 1024, 24, 16, 32, 224),
    Row("vit_large_patch32_384", 1024, 24, 16, 32, 384),
    Row("vit_large_patch16_224", 1024, 24, 16, 16, 224),
    Row("vit_large_patch16_384", 1024, 24, 16, 16, 384),
    Row("vit_large_patch14_224", 1024, 24, 16, 14, 224),
    Row("vit_so400m_patch14_224", 1152, 27, 16, 14, 224, mlpRatio: 4304 / 1152),
    Row("vit_huge_patch14_224", 1280, 32, 16, 14, 224),
    Row("vit_giant_patch14_224", 1408, 40, 16, 14, 224, mlpRatio: 48 / 11),
    Row("vit_gigantic_patch14_224", 1664, 48, 16, 14, 224, mlpRatio: 64 / 13),
    Row("vit_e_patch14_224", 1792, 56, 16, 14, 224, mlpRatio: 15360 / 1792),
    Row("deit_tiny_patch16_224", 192, 12, 3, 16, 224, .imageNet),
    Row("deit_small_patch16_224", 384, 12, 6, 16, 224, .imageNet),
    Row("deit_base_patch16_224", 768, 12, 12, 16, 224, .imageNet),
    Row("deit_base_patch16_384", 768, 12, 12, 16, 384, .imageNet),
    Row("deit_tiny_distilled_patch16_224", 192, 12, 3, 16, 224, distilled: true, .imageNet),
    Row("deit_small_distilled_patch16_224", 384, 12, 6, 16, 224, distilled: true, .imageNet),
    Row("deit_base_distilled_patch16_224", 768, 12, 12, 16, 224, distilled: true, .imageNet),
    Row("deit_base_distilled_patch16_384", 768, 12, 12, 16, 384, distilled: true, .imageNet),
    Row("deit3_small_patch16_224", 384, 12, 6, 16, 224, deit3: true, .imageNet),
    Row("deit3_base_patch16_224", 768, 12, 12, 16, 224, deit3: true, .imageNet),
    Row("deit3_large_patch16_224", 1024, 24, 16, 16, 224, deit3: true, .imageNet),
    Row("deit3_huge_patch14_224", 1280, 32, 16, 14, 224, deit3: true, .imageNet),
  ]

  private enum Statistics {
    /// Pixels in -1...1, 90 percent of the image at 224 and all of it at 384.
    case inception
    /// The same crops with ImageNet's statistics.
    case imageNet
    /// Pixels in -1...1, nothing cropped.
    case wholeImage
  }

  private struct Row {
    let preset: ViTPreset

    init(
      _ name: String, _ embedDim: Int, _ depth: Int, _ numHeads: Int, _ patchSize: Int, _ imageSize: Int,
      mlpRatio: Double = 4, distilled: Bool = false, deit3: Bool = false, _ statistics: Statistics = .inception
    ) {
      var config = ViTConfig(
        imageSize: imageSize, patchSize: patchSize, embedDim: embedDim, depth: depth, numHeads: numHeads,
        mlpRatio: mlpRatio)
      config.distilled = distilled
      config.layerScale = deit3 ? 1e-6 : 0
      config.noEmbedClass = deit3
      let keepsAll = imageSize == 384 || statistics == .wholeImage
      preset = ViTPreset(
        name: name, config: config,
        preprocessing: ImagePreprocessing(
          size: imageSize, cropFraction: keepsAll ? 1 : 0.9,
          statistics: statistics == .imageNet ? .imageNet : .inception))
    }
  }
}

/// A model that has a name: its shape, and how its published weights expect images.
public struct ViTPreset: Sendable {
  /// timm's name where timm has the model.
  public let name: String
  /// The shape, for 1000 classes unless the name is one of a small-image model.
  public let config: ViTConfig
  /// What the published weights were trained with; the default for new ones.
  public let preprocessing: ImagePreprocessing
}
