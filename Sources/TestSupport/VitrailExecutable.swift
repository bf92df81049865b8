public import Foundation

/// The tool itself, as it was built beside the tests.
public struct VitrailExecutable {
  /// The path of the executable.
  public static var path: String {
    let tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appendingPathComponent("vitrail").path
  }

  /// A process that runs `executable`, by default the tool, with its error output kept.
  public let process = Process()
  private let errors: URL

  /// Starts it.
  public init(_ arguments: [String], executable: String = Self.path, environment: [String: String] = [:]) throws {
    errors = FileManager.default.temporaryDirectory.appendingPathComponent("vitrail-stderr-\(UUID().uuidString)")
    try Data().write(to: errors)
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
  }

  /// Waits for its end; gives the exit code, the negative signal number where a signal ended it, and its error output.
  public func wait() -> (code: Int32, errors: String) {
    process.waitUntilExit()
    let text = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
    try? FileManager.default.removeItem(at: errors)
    return (process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus, text)
  }

  /// Waits until something is so, while the process lives.
  /// - Returns: whether it became so, before the process ended and within a minute.
  public func wait(until condition: () -> Bool) -> Bool {
    for _ in 0..<30_000 {
      if condition() { return true }
      if !process.isRunning { return condition() }
      usleep(2000)
    }
    return false
  }
}
