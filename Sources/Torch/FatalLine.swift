import Foundation

/// The last words of a process that cannot go on.
enum FatalLine {
  static func write(_ line: String) -> Never {
    FileHandle.standardError.write(Data(line.utf8))
    exit(1)
  }
}
