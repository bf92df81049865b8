// Why a scan cannot do what it was asked for.

/// A scan's request that cannot be met.
public enum ScanError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Only single files can be moved.
  case notAFolder(String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .notAFolder(let path):
      "'\(path)' is not a folder of image files, so that nothing in it can be moved; clean the images it was packed from "
        + "and pack them again"
    }
  }
}
