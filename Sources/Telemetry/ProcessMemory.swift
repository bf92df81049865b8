// What this process holds of the machine's memory.

import Foundation

/// The memory of this process, in bytes: what is resident, tensors on the CPU included.
public enum ProcessMemory {
  /// What it holds now; nil where the system does not tell.
  public static var current: Int? {
    residentBytes(statm: try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8), pageSize: getpagesize())
  }

  /// The most that it has held at any time.
  public static var peak: Int {
    var usage = rusage()
    #if os(Linux)
      guard getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return 0 }
      return usage.ru_maxrss * 1024
    #else
      guard getrusage(RUSAGE_SELF, &usage) == 0 else { return 0 }
      return usage.ru_maxrss
    #endif
  }

  /// The second number of `/proc/self/statm` is the resident pages.
  static func residentBytes(statm: String?, pageSize: Int32) -> Int? {
    guard let words = statm?.split(separator: " "), words.count > 1, let pages = Int(words[1]), pages >= 0 else {
      return nil
    }
    return pages * Int(pageSize)
  }
}
