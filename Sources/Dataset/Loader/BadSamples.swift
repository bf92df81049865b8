// A sample that cannot be used, and why.

import Foundation
import Synchronization
import TFRecord

/// A sample that was left out of the run.
public struct BadSample: Codable, Sendable, Hashable, CustomStringConvertible {
  /// Its place in the set.
  public let sampleIndex: Int
  /// Its file, below the root of the set.
  public let path: String
  /// What is wrong with it, in one line.
  public let reason: String

  /// A sample and what is wrong with it.
  public init(sampleIndex: Int, path: String, reason: String) {
    self.sampleIndex = sampleIndex
    self.path = path
    self.reason = reason
  }

  /// What an error says of a sample whose path is told beside it.
  static func reason(_ error: any Error) -> String {
    if let error = error as? RecordError { return BytePath(error.summary).description }
    // What a library says of a file could hold anything; a reason is one line.
    guard let error = error as? FileError else { return BytePath("\(error)").description }
    return "cannot \(error.operation): \(error.reason)"
  }

  /// `path: reason`
  public var description: String { "\(path): \(reason)" }
}

// The samples of a set that turned out bad, each once, held against the share that a run may go on without.

/// The bad samples of one set. May be used from any thread.
public final class BadSampleLog: Sendable {
  /// The number of samples in the set.
  public let numSamples: Int
  /// The share of bad samples above which the run stops, 0...1.
  public let maxBadFraction: Double
  private let onNew: (@Sendable (BadSample) -> Void)?
  private let bySample = Mutex([Int: BadSample]())

  /// An empty log for a set of `numSamples`. `onNew` is called once for every bad sample, when it is first named.
  public init(numSamples: Int, maxBadFraction: Double, onNew: (@Sendable (BadSample) -> Void)? = nil) {
    self.numSamples = numSamples
    self.maxBadFraction = maxBadFraction
    self.onNew = onNew
  }

  /// All bad samples so far, by their place in the set.
  public var samples: [BadSample] {
    bySample.withLock { $0.values.sorted { $0.sampleIndex < $1.sampleIndex } }
  }

  /// The number of different bad samples.
  public var count: Int { bySample.withLock { $0.count } }

  /// The places of the bad samples.
  var indices: Set<Int> { bySample.withLock { Set($0.keys) } }

  /// Adds samples; those already there count once. Throws `DataLoaderError.tooManyBadSamples` where the different bad
  /// samples pass the share.
  public func add(_ samples: [BadSample]) throws {
    for sample in samples {
      let isNew = bySample.withLock { $0.updateValue(sample, forKey: sample.sampleIndex) == nil }
      if isNew { onNew?(sample) }
    }
    if samples.isEmpty { return }
    let found = count
    if Double(found) > maxBadFraction * Double(numSamples), let first = self.samples.first {
      throw DataLoaderError.tooManyBadSamples(
        numBad: found, numSamples: numSamples, maxBadFraction: maxBadFraction, example: first)
    }
  }

  /// Adds samples known from a checkpoint; `onNew` is not called, since they were named when they were found. What is no
  /// sample of the set is left out.
  public func restore(_ samples: [BadSample]) {
    bySample.withLock { known in
      for sample in samples where (0..<numSamples).contains(sample.sampleIndex) { known[sample.sampleIndex] = sample }
    }
  }

  private struct Line: Encodable {
    let set: String
    let sampleIndex: Int
    let path: String
    let reason: String
  }

  /// Writes the samples of several sets into a file, one JSON object with `set`, `sample_index`, `path` and `reason` on
  /// each line; the file appears whole or not at all. Throws a `FileError`.
  public static func write(_ sets: [(name: String, samples: [BadSample])], to path: BytePath) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var bytes: [UInt8] = []
    for (name, samples) in sets {
      for sample in samples {
        bytes += try encoder.encode(
          Line(set: name, sampleIndex: sample.sampleIndex, path: sample.path, reason: sample.reason))
        bytes.append(UInt8(ascii: "\n"))
      }
    }
    try FileWriter.writeAtomically(bytes, to: path)
  }
}

/// What ends a loader.
public enum DataLoaderError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The set holds no sample.
  case emptySet
  /// The last batch is dropped, and there is no other.
  case noFullBatch(numSamples: Int, batchSize: Int)
  /// A sample is bad and `onError` is `.stop`.
  case badSample(BadSample)
  /// More samples are bad than a run may go on without.
  case tooManyBadSamples(numBad: Int, numSamples: Int, maxBadFraction: Double, example: BadSample)
  /// A saved position belongs to another set or to other options.
  case stateMismatch(String)
  /// No memory for a batch.
  case outOfMemory(byteCount: Int)
  /// The system grants no more threads.
  case noThread(reason: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .emptySet:
      return "the set holds no samples; check the data path"
    case .noFullBatch(let numSamples, let batchSize):
      return "\(numSamples) samples do not fill one batch of \(batchSize) and the last batch is dropped; choose a "
        + "smaller batch or keep the last one"
    case .badSample(let sample):
      return "bad sample \(sample); repair or remove the file, or set data.on_error to skip"
    case .tooManyBadSamples(let numBad, let numSamples, let fraction, let example):
      return "\(numBad) of \(numSamples) samples are bad, above the limit of \(percent(fraction)) %, for example "
        + "\(example); repair or remove them, or raise data.maximum_bad_fraction"
    case .stateMismatch(let difference):
      return "the saved position does not fit this run: \(difference); resume with the same data and settings, or "
        + "start a new run"
    case .outOfMemory(let byteCount):
      return "no memory for a batch of \(byteCount) bytes; choose a smaller batch or less prefetch"
    case .noThread(let reason):
      return "cannot start a worker thread: \(reason); use fewer workers"
    }
  }

  private func percent(_ fraction: Double) -> String {
    let hundredths = (fraction * 10_000).rounded() / 100
    return hundredths == hundredths.rounded() ? String(Int(hundredths)) : String(hundredths)
  }
}
