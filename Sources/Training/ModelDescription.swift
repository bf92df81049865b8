public import Dataset
public import Preprocessing
public import VisionModels

/// Everything about a classifier but its weights: kept in every checkpoint, so that predicting needs nothing else.
public struct ModelDescription: Codable, Sendable, Equatable {
  /// The preset that it was made from.
  public var name: String
  /// Its shape, with all changes to the preset.
  public var config: ViTConfig
  /// The class names by index.
  public var classes: [String]
  /// What it expects of an image.
  public var preprocessing: ImagePreprocessing

  /// A description from its parts.
  public init(name: String, config: ViTConfig, classes: [String], preprocessing: ImagePreprocessing) {
    self.name = name
    self.config = config
    self.classes = classes
    self.preprocessing = preprocessing
  }
}

/// Which images a run trains and evaluates on: kept in every checkpoint, so that an evaluation finds the same split.
public struct DataDescription: Codable, Sendable, Equatable {
  /// The images of one split.
  public struct Images: Codable, Sendable, Equatable {
    /// How many there are.
    public var numSamples: Int
    /// `SampleSource.fingerprint` in hexadecimal.
    public var fingerprint: String

    /// What tells a set from others.
    public init(_ source: any SampleSource) {
      numSamples = source.count
      fingerprint = String(source.fingerprint, radix: 16)
    }

    /// Whether a set has these images, by their names below its folder and their labels.
    public func describes(_ source: any SampleSource) -> Bool { self == Images(source) }
  }

  /// How images that came without a validation split were split.
  public struct OwnSplit: Codable, Sendable, Equatable {
    /// Training to validation images.
    public var ratio: SplitRatio
    /// Which images of a class go to training.
    public var rule: SplitRule
    /// Decides the draw.
    public var seed: UInt64

    /// A split by these three.
    public init(ratio: SplitRatio, rule: SplitRule, seed: UInt64) {
      self.ratio = ratio
      self.rule = rule
      self.seed = seed
    }
  }

  /// The folder, as an absolute path.
  public var path: String
  /// How the run split the images itself; nil where the folder has a validation split.
  public var ownSplit: OwnSplit?
  /// The images to train on.
  public var train: Images
  /// The images to evaluate on.
  public var validation: Images

  /// A description of both splits.
  public init(path: String, ownSplit: OwnSplit?, train: any SampleSource, validation: any SampleSource) {
    self.path = path
    self.ownSplit = ownSplit
    self.train = Images(train)
    self.validation = Images(validation)
  }
}
