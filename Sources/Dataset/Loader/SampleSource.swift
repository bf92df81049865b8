// What a loader reads its samples from: a tree of files here; other containers are other conformances.

// Paths are in the interface of most types of this module.
@_exported public import Files

/// A set of encoded images with labels, read by index. Methods are called on many threads at once.
public protocol SampleSource: Sendable {
  /// The names of the classes by index.
  var classes: [String] { get }
  /// The number of samples.
  var count: Int { get }
  /// A number that differs between sets with different samples, and is the same on every machine for the same set.
  var fingerprint: UInt64 { get }
  /// The class of a sample.
  func label(at index: Int) -> Int
  /// The name of a sample, fit for a message and a log.
  func name(at index: Int) -> String
  /// The extension that the sample's name claims, in lower case; empty where it claims none.
  func claimedExtension(at index: Int) -> String
  /// The whole encoded image. Throws where it cannot be read or holds more than `limit` bytes.
  func read(at index: Int, limit: Int) throws -> [UInt8]
  /// The first `head` bytes followed by the last `tail` bytes, or all where there are no more than both together, and
  /// the size of the whole.
  func readEnds(at index: Int, head: Int, tail: Int) throws -> (bytes: [UInt8], fileSize: Int)
}

extension ImageFolder: SampleSource {
  /// The number of images.
  public var count: Int { samples.count }

  /// A hash of the classes and of every sample's path and label.
  public var fingerprint: UInt64 {
    var hash = StableHash()
    hash.combine(UInt64(classes.count))
    for name in classes {
      hash.combine(Array(name.utf8))
      hash.combine([0])
    }
    for sample in samples {
      hash.combine(sample.relativePath.bytes)
      hash.combine([0])
      hash.combine(UInt64(sample.label))
    }
    return hash.value
  }

  /// The class of an image.
  public func label(at index: Int) -> Int { samples[index].label }

  /// The path of an image below the root.
  public func name(at index: Int) -> String { samples[index].relativePath.description }

  /// The extension of an image's file.
  public func claimedExtension(at index: Int) -> String { samples[index].relativePath.pathExtension }

  /// The bytes of an image's file.
  public func read(at index: Int, limit: Int) throws -> [UInt8] {
    try FileReader.read(path(at: index), limit: limit)
  }

  /// The first and last bytes of an image's file.
  public func readEnds(at index: Int, head: Int, tail: Int) throws -> (bytes: [UInt8], fileSize: Int) {
    try FileReader.readEnds(path(at: index), head: head, tail: tail)
  }
}
