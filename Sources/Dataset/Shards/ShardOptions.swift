// What a user sets of shards that are written.

/// How shards are written.
public struct ShardOptions: Sendable {
  /// What is done with EXIF's orientation.
  public enum Orientation: String, Sendable, CaseIterable {
    /// The image is turned and encoded anew, where EXIF says so.
    case apply
    /// The file stays as it is; readers that honour EXIF turn it.
    case keep
  }

  /// Into how many shards.
  public var shards = ShardCount.automatic
  /// Decides the order of the training images, and a split or choice.
  public var seed: UInt64 = 0
  /// Threads that read and convert.
  public var numThreads = 2
  /// What happens at an image that cannot be used.
  public var onError = DataLoader.ErrorPolicy.skip
  /// The share of such images above which the work ends all the same.
  public var maxBadFraction = 0.01
  /// Whether records hold image and label only.
  public var isMinimal = false
  /// What is done with EXIF's orientation.
  public var orientation = Orientation.apply
  /// The quality of JPEGs that are encoded anew, 1 to 100.
  public var quality = 100
  /// How a folder without a validation part is split; nil: all images are for training.
  public var split: SplitRatio?

  /// The defaults.
  public init() {}
}
