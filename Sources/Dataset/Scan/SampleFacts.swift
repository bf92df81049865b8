// What a scan keeps of a sample: small, since there may be millions.

/// What a scan found out about one sample.
struct SampleFacts: Sendable, Equatable {
  /// Whether it can be trained on.
  enum Verdict: UInt8, Sendable {
    case good
    case unreadable
    case notAnImage
    case truncated
    case damaged
    case unsupported
    case tooLarge
    /// Taken away since.
    case moved

    /// Whether a loader would have to leave it out.
    var isBad: Bool { self != .good && self != .moved }
  }

  /// What is so, without being bad.
  struct Traits: OptionSet, Sendable {
    let rawValue: UInt8
    static let cmyk = Traits(rawValue: 1)
    static let greyscale = Traits(rawValue: 2)
    static let rotated = Traits(rawValue: 4)
    static let wrongExtension = Traits(rawValue: 8)
  }

  var verdict = Verdict.good
  var traits: Traits = []
  /// The format of the contents, where they are an image's.
  var format: ImageFormat?
  /// The size as shown, in pixels; 0 where the header cannot be read.
  var width: Int32 = 0
  var height: Int32 = 0
  var numBytes = 0
  /// The hash of the file, where it could be read.
  var fileHash: ContentHash?
  /// The hash of the decoded, oriented pixels and their size.
  var pixelHash: ContentHash?

  /// The length of the shorter side.
  var shortSide: Int { Int(min(width, height)) }
}
