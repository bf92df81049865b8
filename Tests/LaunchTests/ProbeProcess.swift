import DataTestSupport
import Files
import Foundation
import Testing

/// The launcher as a process of its own, or a shell script in which `$P` is the launcher; its streams go to files.
final class ProbeProcess {
  /// What a process left.
  struct Outcome {
    /// The exit code, or the negative number of the signal that ended it.
    var code: Int32
    var output: String
    var errors: String
    var lines: [String] { output.split(separator: "\n").map(String.init) }
    var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
  }

  static var path: String {
    URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent("LaunchProbe").path
  }

  let process = Process()
  let scratch: ScratchFolder

  /// Starts `LaunchProbe launch` with these arguments.
  convenience init(launch arguments: [String], environment: [String: String] = [:]) throws {
    try self.init(Self.path, ["launch"] + arguments, environment)
  }

  /// Starts any program, without the variables of other launchers.
  init(_ program: String, _ arguments: [String], _ environment: [String: String] = [:]) throws {
    scratch = try ScratchFolder()
    var variables = ProcessInfo.processInfo.environment
    variables["OMP_NUM_THREADS"] = nil
    variables["NO_COLOR"] = "1"
    variables["P"] = Self.path
    variables["SCRATCH"] = scratch.path.description
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = variables.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    for name in ["out", "err"] { try scratch.write("", BytePath(name)) }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(scratch.path)/out"))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(scratch.path)/err"))
    try process.run()
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  var output: String { text("out") }
  var errors: String { text("err") }

  private func text(_ name: String) -> String {
    (try? FileReader.read(scratch.path.appending(BytePath(name)))).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// Waits for the end; a process that takes a minute is killed, which the code shows.
  func wait() -> Outcome {
    let deadline = ContinuousClock.now + .seconds(60)
    while process.isRunning, ContinuousClock.now < deadline { usleep(2000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    let code = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    return Outcome(code: code, output: output, errors: errors)
  }

  /// Waits until something is so, while the process lives; false after half a minute.
  func waits(until condition: () throws -> Bool) rethrows -> Bool { try Self.waits(until: condition) }

  static func waits(until condition: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<6000 {
      if try condition() { return true }
      usleep(5000)
    }
    return false
  }

  /// The processes, zombies included, whose command line or whose variables hold a text.
  static func processes(with text: String) -> [Int32] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.compactMap { Int32($0) }.filter { pid in
      pid != getpid()
        && ["cmdline", "environ"].contains { name in
          guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/\(name)") else { return false }
          return data.range(of: Data(text.utf8)) != nil
        }
    }
  }

  /// Runs to the end.
  static func launch(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
    try ProbeProcess(launch: arguments, environment: environment).wait()
  }
}
