import Foundation
import Telemetry

/// Paths that a user names, looked at before any work.
enum ExistingPath {
  /// Refuses a path where there is nothing.
  static func check(_ path: String?, of flag: String) throws {
    guard let path, !FileManager.default.fileExists(atPath: path) else { return }
    throw UsageError("there is no file or folder '\(printable(path))', which \(flag) names")
  }
}
