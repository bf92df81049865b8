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
    #if os(Linux)
      usage.ru_maxrss * 1024
    #else
      usage.ru_maxrss
    #endif
  }

  /// The pages that the system had to bring since the start, without reading a disk: fresh memory, zeroed, mostly.
  public static var pageFaults: Int { usage.ru_minflt }

  private static var usage: rusage {
    var usage = rusage()
    #if os(Linux)
      getrusage(RUSAGE_SELF.rawValue, &usage)
    #else
      getrusage(RUSAGE_SELF, &usage)
    #endif
    return usage
  }

  /// The second number of `/proc/self/statm` is the resident pages.
  static func residentBytes(statm: String?, pageSize: Int32) -> Int? {
    guard let words = statm?.split(separator: " "), words.count > 1, let pages = Int(words[1]), pages >= 0 else {
      return nil
    }
    return pages * Int(pageSize)
  }
}
