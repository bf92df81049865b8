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
  /// - Throws: `OptionsError` for a transform that changes the size of its image.
  func pipeline(_ preprocessing: ImagePreprocessing) throws(OptionsError) -> TrainTransform {
    let (width, height) = (preprocessing.width, preprocessing.height)
    let made = transforms.map { $0.options.makeTransform() }
    let issues = made.enumerated().compactMap { index, transform -> OptionsIssue? in
      let size = transform.outputSize(width: width, height: height)
      if size == (width, height) { return nil }
      return OptionsIssue(
        path: "data.augmentation.transforms.\(index)", origin: .defaults, kind: .invalid,
        message: "\(transforms[index].name) makes \(size.width)x\(size.height) of the model's \(width)x\(height), "
          + "expected a transform that keeps the size")
    }
    if !issues.isEmpty { throw OptionsError(source: "settings", issues: issues) }
    return TrainTransform(
      preprocessing, crop: trainCrop, flip: flip, transforms: made, interpolation: interpolation)
  }

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
