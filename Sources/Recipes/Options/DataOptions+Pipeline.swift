import Augment
import Preprocessing
import Settings

extension DataOptions.Augmentation {
  /// What part of a training image is taken.
  public enum Crop: String, Codable, CaseIterable, Sendable {
    /// A random part of the area, resized: ImageNet's way.
    case randomResized = "random_resized"
    /// Resized to the input's short side, then a rectangle at a random place, which `padding` lets reach beyond the
    /// border: CIFAR's way.
    case random
    /// The middle, as in evaluation.
    case center
    /// All of it, squashed.
    case none
  }

  /// The pipeline of training images for a model's input.
  /// - Throws: `OptionsError` where what comes out of the last transform has not the size of the input; it names the last
  ///   transform that changes the size.
  /// - Parameter asBytes: whether the normalisation is left to the device; not with `transformsOfNumbers`.
  func pipeline(_ preprocessing: ImagePreprocessing, asBytes: Bool = false) throws(OptionsError) -> TrainTransform {
    let made = transforms.map { $0.options.makeTransform() }
    if let issue = sizeIssue(made, (preprocessing.width, preprocessing.height)) {
      throw OptionsError(source: "settings", issues: [issue])
    }
    return TrainTransform(
      preprocessing, crop: trainCrop, flip: flip, transforms: made, interpolation: interpolation,
      asBytes: asBytes)
  }

  /// The names of the transforms that work on normalised numbers. Settings that are not valid are asked as well, and such a
  /// transform is its own settings.
  var transformsOfNumbers: [String] { transforms.filter { $0.options is any NormalizedTransform }.map(\.name) }

  private func sizeIssue(_ made: [any Transform], _ input: ImageSize) -> OptionsIssue? {
    var size: ImageSize? = input
    var last = 0
    for (index, transform) in made.enumerated() {
      let output = transform.outputSize(of: size)
      if !isSame(output, size) { last = index }
      size = output
    }
    if isSame(size, input) { return nil }
    return OptionsIssue(
      path: "data.augmentation.transforms.\(last)", origin: .defaults, kind: .invalid,
      message:
        "\(transforms[last].name) makes \(size.map { "\($0.width)x\($0.height)" } ?? "a size left to chance") of the "
        + "model's \(input.width)x\(input.height), expected a transform that keeps the size, or behind it "
        + "CenterCrop(size=[\(input.height), \(input.width)])")
  }

  private func isSame(_ a: ImageSize?, _ b: ImageSize?) -> Bool { a?.width == b?.width && a?.height == b?.height }

  private var trainCrop: TrainCrop {
    switch crop {
    case .randomResized:
      .randomResized(SourceCrop(scale: minimumScale...maximumScale, ratio: minimumRatio...maximumRatio))
    case .random: .random(padding: padding, mode: paddingMode)
    case .center: .center
    case .none: .none
    }
  }
}
