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
    let work = Work(source: source, decoder: decoder, fileByteLimit: fileByteLimit)
    var threads: [WorkerThread] = []
    do {
      for _ in 1..<max(min(numThreads, source.count), 1) { threads.append(try WorkerThread { work.run() }) }
    } catch {
      work.stop()
      for thread in threads { thread.join() }
      throw error
    }
    work.run()
    for thread in threads { thread.join() }
    if let failure = work.failure { throw failure }
    numSamples = source.count
    bad = work.bad.sorted { $0.sampleIndex < $1.sampleIndex }
    mismatches = work.mismatches.sorted { $0.sampleIndex < $1.sampleIndex }
  }

  /// What the threads share.
  private final class Work: @unchecked Sendable {
    private let source: any SampleSource
    private let decoder: ImageDecoder
    private let fileByteLimit: Int
    private let next = Atomic(0)
    private let condition = Condition()
    private(set) var bad: [BadSample] = []
    private(set) var mismatches: [Mismatch] = []
    private(set) var failure: (any Error)?

    init(source: any SampleSource, decoder: ImageDecoder, fileByteLimit: Int) {
      self.source = source
      self.decoder = decoder
      self.fileByteLimit = fileByteLimit
    }

    func run() {
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if index >= source.count { return }
        do {
          let format = try header(at: index).format
          if claimsOther(than: format, at: index) {
            condition.withLock {
              mismatches.append(Mismatch(sampleIndex: index, path: source.name(at: index), format: format))
            }
          }
        } catch let error as FileError where error.isSystemWide {
          condition.withLock { failure = failure ?? error }
          stop()
        } catch {
          let sample = BadSample(sampleIndex: index, path: source.name(at: index), reason: BadSample.reason(error))
          condition.withLock { bad.append(sample) }
        }
      }
    }

    func stop() { next.store(source.count, ordering: .relaxed) }

    private func header(at index: Int) throws -> ImageHeader {
      let (ends, fileSize) = try source.readEnds(at: index, head: HeaderScan.headBytes, tail: HeaderScan.tailBytes)
      if fileSize <= fileByteLimit, let header = try? read(ends) { return header }
      if fileSize == ends.count, fileSize <= fileByteLimit { return try read(ends) }
      return try read(source.read(at: index, limit: fileByteLimit))
    }

    private func read(_ bytes: [UInt8]) throws -> ImageHeader {
      try bytes.withUnsafeBytes { try decoder.header(of: $0) }
    }

    private func claimsOther(than format: ImageFormat, at index: Int) -> Bool {
      switch source.claimedExtension(at: index) {
      case "jpg", "jpeg": format != .jpeg
      case "png": format != .png
      case "webp": format != .webp
      default: false
      }
    }
  }
}
