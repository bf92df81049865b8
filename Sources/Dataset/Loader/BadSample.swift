// A sample that cannot be used, and why.

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
