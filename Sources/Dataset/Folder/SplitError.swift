// Why a set could not be split.

/// A split that was refused.
public enum SplitError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The text is no ratio.
  case badRatio(String)
  /// Something stands already where the split should be written.
  case outputNotEmpty(String)
  /// The path for the output is that of a file.
  case outputNotAFolder(String)
  /// The output would lie within the images to be split, or hold them.
  case outputOverlapsInput(output: String, input: String)
  /// The images are split already.
  case alreadySplit(String)
  /// No class has the two files that a validation set needs.
  case tooSmall(String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .badRatio(let text):
      "'\(text)' is not a ratio; write training to validation as two whole numbers, such as 4:1"
    case .outputNotEmpty(let path):
      "'\(path)' is not empty, and a split never mixes with older files; choose a new folder or remove it"
    case .outputNotAFolder(let path):
      "'\(path)' is a file; choose a folder to write the split into"
    case .outputOverlapsInput(let output, let input):
      "'\(output)' and the images in '\(input)' lie one within the other; choose an output folder outside"
    case .alreadySplit(let path):
      "'\(path)' has a training and a validation split already; give the folder that holds all images of a class"
    case .tooSmall(let path):
      "no class of '\(path)' has two images, so that nothing is left for validation; add images"
    }
  }
}
