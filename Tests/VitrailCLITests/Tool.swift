import Foundation

/// The built `vitrail`, run as a process of its own.
enum Tool {
  /// What a finished process left.
  struct Outcome: Sendable {
    var code: Int32
    /// Whether a signal ended it; `code` is its number then.
    var wasSignalled: Bool
    var output: String
    var errors: String

    var outputLines: [Substring] { output.split(separator: "\n") }
    var errorLines: [Substring] { errors.split(separator: "\n") }

    /// Standard output as JSON.
    func json() throws -> Any {
      try JSONSerialization.jsonObject(with: Data(output.utf8), options: [.fragmentsAllowed])
    }
  }

  /// The executable beside the one that runs the tests, or beside their bundle.
  static let path: String = {
    let starts = [Bundle.main.executablePath].compactMap { $0 } + CommandLine.arguments.filter { $0.contains("/") }
    for start in starts {
      var folder = URL(fileURLWithPath: start).resolvingSymlinksInPath()
      for _ in 0..<5 {
        folder.deleteLastPathComponent()
        let candidate = folder.appendingPathComponent("vitrail").path
        if FileManager.default.isExecutableFile(atPath: candidate), !isFolder(candidate) { return candidate }
      }
    }
    preconditionFailure("there is no vitrail beside \(starts); build it first")
  }()

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  /// Runs to the end.
  static func run(_ arguments: [String], environment: [String: String] = [:], in folder: String? = nil) throws
    -> Outcome
  {
    let started = try Started(arguments, environment: environment, in: folder)
    return started.wait()
  }

  /// Runs a script of the shell, in which `$VITRAIL` is the tool: arguments can have any bytes there.
  static func run(script: String, in folder: String) throws -> Outcome {
    try Started([], environment: ["VITRAIL": path], in: folder, shell: script).wait()
  }

  /// A process under way, whose streams go to files, so that no pipe can fill up. `shell` is run instead where it is
  /// given, with the tool as `$0` and the arguments as `$@`.
  final class Started {
    let process = Process()
    private let scratch: Scratch

    init(
      _ arguments: [String], environment: [String: String] = [:], in folder: String? = nil,
      output: FileHandle? = nil, errors: FileHandle? = nil, shell: String? = nil
    ) throws {
      scratch = try Scratch()
      process.executableURL = URL(fileURLWithPath: shell == nil ? Tool.path : "/bin/bash")
      process.arguments = (shell.map { ["-c", $0, Tool.path] } ?? []) + arguments
      var all = ProcessInfo.processInfo.environment
      for name in ["NO_COLOR", "TERM"] { all[name] = nil }
      process.environment = all.merging(environment) { $1 }
      process.currentDirectoryURL = URL(fileURLWithPath: folder ?? scratch.path)
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = try output ?? scratch.makeFile("output")
      process.standardError = try errors ?? scratch.makeFile("errors")
      try process.run()
    }

    func wait() -> Outcome {
      process.waitUntilExit()
      return Outcome(
        code: process.terminationStatus, wasSignalled: process.terminationReason == .uncaughtSignal,
        output: (try? scratch.text("output")) ?? "", errors: (try? scratch.text("errors")) ?? "")
    }
  }
}

/// A folder that goes away with the object.
final class Scratch: Sendable {
  let path: String

  init() throws {
    let folder = NSTemporaryDirectory() + "vitrail-cli-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    path = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func makeFile(_ name: String) throws -> FileHandle {
    let file = "\(path)/\(name)"
    guard FileManager.default.createFile(atPath: file, contents: nil), let handle = FileHandle(forWritingAtPath: file)
    else { throw CocoaError(.fileWriteUnknown) }
    return handle
  }

  func write(_ bytes: [UInt8], _ name: String) throws {
    let file = URL(fileURLWithPath: "\(path)/\(name)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")), as: UTF8.self)
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }
}
