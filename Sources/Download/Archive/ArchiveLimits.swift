// How much an archive may unpack to. A small file can claim to hold terabytes.

/// Limits of what is unpacked.
public struct ArchiveLimits: Equatable, Sendable {
  /// The most bytes of all files together.
  public var maxTotalBytes = 64 << 30
  /// The most entries, headers without a file of their own included.
  public var maxEntries = 2_000_000
  /// The most unpacked bytes for a compressed one, past the first megabyte. Images hardly compress; deflate reaches 1032.
  public var maxRatio = 200
  /// The most folders above a file.
  public var maxDepth = 16
  /// The most bytes of a path.
  public var maxPathBytes = 1024
  /// The most bytes of a header that extends another.
  public var maxHeaderBytes = 64 << 10

  /// The limits for an archive of which nothing is known.
  public init() {}
}
