import Foundation

/// The processors that this process may use.
public enum AvailableProcessors {
  /// What affinity and the control group allow, at least 1.
  public static let count = max(
    1, [ProcessInfo.processInfo.activeProcessorCount, affinity, quota].compactMap { $0 }.min() ?? 1)

  /// The threads of one process: `OMP_NUM_THREADS`, which a launcher sets where several processes share the processors,
  /// else an even part of them, 1 at least.
  public static func share(among numProcesses: Int = 1) -> Int {
    share(variable: ProcessInfo.processInfo.environment["OMP_NUM_THREADS"], among: numProcesses)
  }

  /// A number from 1 to 4096, else an even part of all processors.
  static func share(variable: String?, among numProcesses: Int = 1) -> Int {
    guard let number = variable.flatMap({ Int($0) }), (1...4096).contains(number) else {
      return max(1, count / numProcesses)
    }
    return number
  }

  /// What the process's affinity allows; nil where the system does not tell.
  public static var affinity: Int? {
    affinityCount(status: try? String(contentsOfFile: "/proc/self/status", encoding: .utf8))
  }

  /// What the control group's quota of processor time comes to, rounded up; nil where there is none.
  public static var quota: Int? {
    quotaCount(cpuMax: try? String(contentsOfFile: "/sys/fs/cgroup/cpu.max", encoding: .utf8))
  }

  /// The size of the list in `Cpus_allowed_list:  0-3,8`.
  static func affinityCount(status: String?) -> Int? {
    guard let line = status?.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed_list:") }) else {
      return nil
    }
    let list = line.drop { $0 != ":" }.dropFirst().filter { !$0.isWhitespace }
    var count = 0
    for part in list.split(separator: ",") {
      let ends = part.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, first <= last else { return nil }
      count += last - first + 1
    }
    return count > 0 ? count : nil
  }

  /// `200000 100000` is two processors; `max 100000` is no limit.
  static func quotaCount(cpuMax: String?) -> Int? {
    let numbers = cpuMax?.split(whereSeparator: \.isWhitespace).map { Double($0) } ?? []
    guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], period > 0 else { return nil }
    return max(1, Int((quota / period).rounded(.up)))
  }
}
