/// What is known of a file before it comes.
public struct DownloadExpectation: Equatable, Sendable {
  /// Its bytes; nil where that is not known.
  public var size: Int?
  /// Its checksum; nil where nobody published one.
  public var checksum: Checksum?
  /// The most bytes that are taken.
  public var maximumSize: Int

  /// Creates an expectation.
  public init(size: Int? = nil, checksum: Checksum? = nil, maximumSize: Int) {
    self.size = size
    self.checksum = checksum
    self.maximumSize = maximumSize
  }
}
