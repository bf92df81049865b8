// The sets that can be brought by name. One row a set: to add one, add its row.

/// A set of images on the network.
public struct KnownDataset: Sendable {
  /// What its archive unpacks to.
  public enum Contents: Sendable {
    /// A folder of class folders with images.
    case imageFolder
    /// The files of CIFAR-10's binary version, which become an image folder of PNG files.
    case cifarBinary
  }

  /// What it is called on the command line.
  public let name: String
  /// What it is, in one line.
  public let summary: String
  /// Where its archive lies.
  public let url: String
  /// The bytes of the archive.
  public let size: Int
  /// The archive's checksum.
  public let checksum: Checksum
  /// What the archive unpacks to.
  public let contents: Contents
  /// What its owners ask of those who use it.
  public let terms: String

  /// All of them. Sizes and checksums are those that TensorFlow Datasets publishes.
  public static let all = [
    KnownDataset(
      name: "flowers", summary: "3,670 photos of 5 flowers",
      url: "https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz",
      size: 228_813_984, sha256: "4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",
      contents: .imageFolder,
      terms: "photos under Creative Commons licences, whose authors LICENSE.txt in the folder names"),
    KnownDataset(
      name: "cifar10", summary: "60,000 images of 10 classes, 32x32 pixels",
      url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
      size: 170_052_171, sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
      contents: .cifarBinary,
      terms: "A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009, to be cited"),
  ]

  /// The set of that name.
  public static func named(_ name: String) -> KnownDataset? { all.first { $0.name == name } }

  init(
    name: String, summary: String, url: String, size: Int, sha256: String, contents: Contents, terms: String
  ) {
    guard let checksum = try? Checksum(parsing: "sha256:\(sha256)") else {
      preconditionFailure("the checksum of \(name) is none")
    }
    self.name = name
    self.summary = summary
    self.url = url
    self.size = size
    self.checksum = checksum
    self.contents = contents
    self.terms = terms
  }
}
