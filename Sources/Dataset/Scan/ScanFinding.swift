// What a scan can find, and what it found of each kind.

/// All that a scan found of one kind.
public struct ScanFinding: Sendable, Hashable {
  /// What can be found, the worst first. The raw values are the keys in JSON.
  public enum Kind: String, Sendable, CaseIterable {
    /// A file that cannot be opened or read.
    case unreadable
    /// A folder that cannot be listed.
    case unreadableFolder = "unreadable_folder"
    /// A file whose contents are neither JPEG, PNG nor WebP.
    case notAnImage = "not_an_image"
    /// An image whose data ends too early.
    case truncated
    /// An image whose data contradicts itself.
    case damaged
    /// A valid image of a kind that cannot be decoded.
    case unsupported
    /// An image with more pixels than the limit.
    case tooLarge = "too_large"
    /// The same image under different classes.
    case inTwoClasses = "in_two_classes"
    /// The same image on several sides of the split.
    case inBothSplits = "in_both_splits"
    /// A class that holds no image that can be used.
    case classWithoutImages = "class_without_images"
    /// A class that some side of the split lacks.
    case classInOneSplit = "class_in_one_split"
    /// The set has one class alone.
    case singleClass = "single_class"
    /// The same image more than once in one class of one side.
    case duplicate
    /// An image whose extension is another format's.
    case wrongExtension = "wrong_extension"
    /// An image in the inks of print.
    case cmyk
    /// An image with a side below the limit.
    case tiny
    /// The largest class has many times the samples of the smallest.
    case unbalanced
    /// Classes are numbered, and a number is missing.
    case labelGap = "label_gap"
    /// An image that EXIF says to turn or mirror.
    case rotated
    /// An image whose pixels have no colour.
    case greyscale
    /// An image of a kind that is not read, such as HEIC.
    case otherImage = "other_image"
    /// A file that lies in no class folder.
    case looseFile = "loose_file"
    /// A file of another kind in a class folder.
    case otherFile = "other_file"

    /// Whether it harms a training or its evaluation; the rest is worth knowing.
    public var isFault: Bool {
      switch self {
      case .unreadable, .unreadableFolder, .notAnImage, .truncated, .damaged, .unsupported, .tooLarge, .inTwoClasses,
        .inBothSplits, .classWithoutImages, .classInOneSplit, .singleClass:
        true
      case .duplicate, .wrongExtension, .cmyk, .tiny, .unbalanced, .labelGap, .rotated, .greyscale, .otherImage,
        .looseFile, .otherFile:
        false
      }
    }
  }

  /// One thing that was found.
  public struct Item: Sendable, Hashable {
    /// The samples it is about: one, or all that show the same image; none where it is about a class or another file.
    public let samples: [ScannedSample]
    /// The file or the class it is about where there are no samples.
    public let subject: String
    /// What there is to say of it, in one line; can be empty.
    public let detail: String
  }

  /// What was found.
  public let kind: Kind
  /// Each thing found, in the order of the set.
  public let items: [Item]
}
