// Why a sample set could not be written.

import Dataset

/// A request for sample data that was refused.
public enum SampleDataError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Something stands already where the images should be written.
  case outputNotEmpty(String)
  /// The path for the output is that of a file.
  case outputNotAFolder(String)
  /// A number of images that cannot be made.
  case badCount(Int)
  /// A text that is no size, or a size that cannot be made.
  case badSize(String)

  /// Why `out` is refused.
  init(_ refusal: StagedFolder.Refusal, _ out: BytePath) {
    switch refusal {
    case .notEmpty: self = .outputNotEmpty(out.description)
    case .notAFolder: self = .outputNotAFolder(out.description)
    }
  }

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .outputNotEmpty(let path):
      "'\(path)' is not empty, and sample data never mixes with older files; choose a new folder or remove it"
    case .outputNotAFolder(let path):
      "'\(path)' is a file; choose a folder to write the sample data into"
    case .badCount(let count):
      "\(count) images cannot be made; ask for \(FlowersSample.counts.lowerBound) to \(FlowersSample.counts.upperBound)"
    case .badSize(let text):
      "'\(text)' is not a size that can be made; write width and height in pixels, such as 500x375, "
        + "each \(FlowersSample.sides.lowerBound) to \(FlowersSample.sides.upperBound)"
    }
  }
}
