// A look at the header of every sample before a run begins, without decoding.
//
// Of most files only the first and the last kilobytes are read. A file that does not pass on these is read as a whole
// before it is called bad: its header may be long, or its format one that is checked from end to end. Content decides
// what a file is; one whose extension says otherwise is noted, and bad only where its content is nothing known.

import Synchronization

/// What the headers of a set say.
public struct HeaderScan: Sendable {
  /// A sample whose extension is not that of its content; it is decoded as what it is.
  public struct Mismatch: Sendable, Hashable {
    /// Its place in the set.
    public let sampleIndex: Int
    /// Its file, below the root of the set.
    public let path: String
    /// The format of its content.
    public let format: ImageFormat
  }

  /// The number of samples looked at.
  public let numSamples: Int
  /// The samples that cannot be used, in the order of the set.
  public let bad: [BadSample]
  /// The samples whose extension is wrong, in the order of the set.
  public let mismatches: [Mismatch]

  static let headBytes = 16 << 10
  static let tailBytes = 2 << 10

  /// Looks at every sample of `source` on `numThreads` threads (at least 1). `decoder` sets the limit on pixels,
  /// `fileByteLimit` that on the size of a file. Throws where the system fails; bad samples are no error here.
  public init(
    _ source: any SampleSource, decoder: ImageDecoder = ImageDecoder(), fileByteLimit: Int = FileReader.defaultLimit,
    numThreads: Int
  ) throws {
    precondition(numThreads >= 1, "a scan needs a thread")
    let look = HeaderLook(source: source, decoder: decoder, fileByteLimit: fileByteLimit)
    let found = Mutex((bad: [BadSample](), mismatches: [Mismatch]()))
    try parallelFor(source.count, numThreads: numThreads) { index in
      do {
        let format = try look.header(at: index).format
        guard let claimed = ImageFormat(fileExtension: source.claimedExtension(at: index)), claimed != format else {
          return
        }
        let mismatch = Mismatch(sampleIndex: index, path: source.name(at: index), format: format)
        found.withLock { $0.mismatches.append(mismatch) }
      } catch let error as FileError where error.isSystemWide {
        throw error
      } catch {
        let sample = BadSample(sampleIndex: index, path: source.name(at: index), reason: BadSample.reason(error))
        found.withLock { $0.bad.append(sample) }
      }
    }
    numSamples = source.count
    (bad, mismatches) = found.withLock { found in
      (
        found.bad.sorted { $0.sampleIndex < $1.sampleIndex },
        found.mismatches.sorted { $0.sampleIndex < $1.sampleIndex }
      )
    }
  }
}

/// Reads the headers of samples.
private struct HeaderLook: Sendable {
  let source: any SampleSource
  let decoder: ImageDecoder
  let fileByteLimit: Int

  func header(at index: Int) throws -> ImageHeader {
    let (ends, fileSize) = try source.readEnds(at: index, head: HeaderScan.headBytes, tail: HeaderScan.tailBytes)
    if fileSize <= fileByteLimit, let header = try? read(ends) { return header }
    if fileSize == ends.count, fileSize <= fileByteLimit { return try read(ends) }
    return try read(source.read(at: index, limit: fileByteLimit))
  }

  private func read(_ bytes: [UInt8]) throws -> ImageHeader { try bytes.withUnsafeBytes { try decoder.header(of: $0) } }
}
