import Foundation

/// The memory of the machine, in bytes.
public enum SystemMemory {
  /// All memory of the machine.
  public static var total: Int { Int(clamping: ProcessInfo.processInfo.physicalMemory) }

  /// What new work can have without swapping, by the system's own estimate; nil where it does not tell.
  public static var available: Int? {
    availableBytes(memoryInfo: try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8))
  }

  /// The control group's limit; nil where there is none.
  public static var limit: Int? {
    let text = try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8)
    return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  /// What decoding may take unless it is told otherwise: a quarter of the machine's memory or, where it is less, of the
  /// control group's limit.
  public static let decodingShare = max(1, min(total, limit ?? .max) / 4)

  /// `MemAvailable:   123 kB`
  static func availableBytes(memoryInfo: String?) -> Int? {
    guard let line = memoryInfo?.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }) else {
      return nil
    }
    return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }
}
