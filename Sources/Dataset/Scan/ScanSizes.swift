// How large the images of a set are.

/// How large images and files are.
public struct ScanSizes: Sendable, Hashable {
  /// Smallest, middle and largest value, and how many values lie where.
  public struct Distribution: Sendable, Hashable {
    /// The smallest value; 0 where there is none.
    public let minimum: Int
    /// The value in the middle of all, the lower of two.
    public let median: Int
    /// The largest value.
    public let maximum: Int
    /// The number of values from each lower bound up to the next; the last bound has no end.
    public let bins: [Bin]

    init(_ values: [Int], bounds: [Int]) {
      let sorted = values.sorted()
      minimum = sorted.first ?? 0
      median = sorted.isEmpty ? 0 : sorted[(sorted.count - 1) / 2]
      maximum = sorted.last ?? 0
      var counts = [Int](repeating: 0, count: bounds.count)
      for value in values { counts[bounds.lastIndex { $0 <= value } ?? 0] += 1 }
      bins = zip(bounds, counts).map { Bin(from: $0, count: $1) }
    }
  }

  /// The number of values between two bounds.
  public struct Bin: Sendable, Hashable {
    /// The smallest value that belongs here.
    public let from: Int
    /// The number of values.
    public let count: Int
  }

  /// The number of samples.
  public let numSamples: Int
  /// The bytes of all files.
  public let totalBytes: Int
  /// Width as shown, in pixels.
  public let width: Distribution
  /// Height as shown, in pixels.
  public let height: Distribution
  /// The shorter side, in pixels.
  public let shortSide: Distribution
  /// The file, in bytes, of those that could be read.
  public let bytes: Distribution

  static let sideBounds = [0, 32, 64, 128, 256, 512, 1024, 2048, 4096]
  static let byteBounds = [0, 1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24]

  init(_ facts: [[SampleFacts]]) {
    let all = facts.joined().filter { $0.verdict != .moved }
    let measured = all.filter { $0.width > 0 }
    numSamples = all.count
    totalBytes = all.reduce(0) { $0 + $1.numBytes }
    width = Distribution(measured.map { Int($0.width) }, bounds: Self.sideBounds)
    height = Distribution(measured.map { Int($0.height) }, bounds: Self.sideBounds)
    shortSide = Distribution(measured.map(\.shortSide), bounds: Self.sideBounds)
    bytes = Distribution(all.filter { $0.fileHash != nil }.map(\.numBytes), bounds: Self.byteBounds)
  }
}
