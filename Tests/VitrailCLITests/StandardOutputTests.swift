import Foundation
import Testing

/// Results that cannot be delivered.
struct StandardOutputTests {
  /// Every command that writes results, with what it needs; RUN, DATA and IMAGE stand for a finished run and its images.
  static let commands: [[String]] = [
    ["--help"], ["train", "--help"], ["--version"], ["--generate-completion-script", "bash"], ["models"],
    ["models", "--format", "json"], ["doctor"], ["doctor", "--format", "json"], ["init"],
    [
      "bench", "--mode", "infer", "--seconds", "0", "--warmup", "0", "--batch-size", "1", "--matmul-backend", "native",
      "--quiet",
    ],
    ["predict", "--checkpoint", "RUN", "IMAGE", "--quiet"],
    ["predict", "--checkpoint", "RUN", "IMAGE", "--quiet", "--format", "json"],
    ["predict", "--checkpoint", "RUN", "IMAGE", "--quiet", "--format", "csv"],
    ["evaluate", "--checkpoint", "RUN", "--data", "DATA", "--quiet"],
    ["train", "--data", "DATA", "--dry-run", "--quiet"] + TinyData.settings,
    ["data", "scan", "DATA", "--quiet"], ["data", "split", "DATA", "--out", "split", "--quiet"],
    ["data", "sample", "digits", "--out", "digits", "--quiet"],
    ["data", "sample", "flowers", "--out", "flowers", "--count", "5", "--size", "64x64", "--quiet"],
    ["data", "pack", "DATA", "--out", "shards", "--quiet"],
    ["data", "preview", "--data", "DATA", "--out", "grid.png", "--quiet"],
  ]

  private func filled(_ arguments: [String]) throws -> [String] {
    let trained = try TrainedRun.shared()
    let values = ["RUN": trained.run, "DATA": trained.data, "IMAGE": trained.image]
    return arguments.map { values[$0] ?? $0 }
  }

  @Test(arguments: commands) func aFullDiskIsNoSuccess(_ arguments: [String]) throws {
    let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    let outcome = try Tool.Started(filled(arguments), output: full).wait()
    #expect(outcome.code == 1 && !outcome.wasSignalled)
    #expect(outcome.errors == "vitrail: cannot write to standard output: No space left on device\n")
  }

  @Test(arguments: [["models"], ["--help"], ["init"], ["predict", "--checkpoint", "RUN", "IMAGE", "--quiet"]])
  func aClosedStreamIsNoSuccess(_ arguments: [String]) throws {
    let outcome = try Tool.Started(filled(arguments), shell: #"exec "$0" "$@" >&-"#).wait()
    #expect(outcome.code == 1)
    #expect(outcome.errors == "vitrail: cannot write to standard output: Bad file descriptor\n")
  }

  /// As any tool in a pipeline, and where SIGPIPE is ignored, as the others do then.
  @Test func aPipeWithoutAReaderEndsAShortCommandQuietly() throws {
    let pipe = Pipe()
    try pipe.fileHandleForReading.close()
    // A child inherits what is ignored, and the network library of other tests ignores it.
    let former = signal(SIGPIPE, SIG_DFL)
    defer { signal(SIGPIPE, former) }
    let outcome = try Tool.Started(["models"], output: pipe.fileHandleForWriting).wait()
    #expect(outcome.wasSignalled && outcome.code == SIGPIPE)
    #expect(outcome.errors.isEmpty)
    let ignored = try Tool.Started(
      ["models"], output: pipe.fileHandleForWriting, shell: #"trap '' PIPE; exec "$0" "$@""#
    ).wait()
    #expect(ignored.code == 1)
    #expect(ignored.errors == "vitrail: cannot write to standard output: Broken pipe\n")
  }

  /// Neither of its streams is read: the run ends as any other, and only its report is lost.
  @Test(arguments: ["", ">&-", "2>&-", ">&- 2>&- <&-"]) func aTrainingOutlivesItsReaders(redirection: String) throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data")
    let pipe = Pipe()
    try pipe.fileHandleForReading.close()
    let end = pipe.fileHandleForWriting
    let outcome = try Tool.Started(
      ["train", "--data", "data", "--out", "run"] + TinyData.settings, in: scratch.path, output: end, errors: end,
      shell: #"exec "$0" "$@" "# + redirection
    ).wait()
    #expect(outcome.code == 1 && !outcome.wasSignalled)
    #expect(try scratch.text("run/metrics.jsonl").contains(#""status":"completed""#))
    #expect(!(try scratch.text("run/metrics.jsonl").contains("best checkpoint")))
    let predicted = try Tool.run(["predict", "--checkpoint", "run", "data/light/3.png", "--quiet"], in: scratch.path)
    #expect(predicted.code == 0, "\(predicted.errors)")
  }

  @Test func theEndReportHasItsLine() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data")
    let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    let outcome = try Tool.Started(
      ["train", "--data", "data", "--out", "run", "--quiet"] + TinyData.settings, in: scratch.path, output: full
    ).wait()
    #expect(outcome.code == 1)
    #expect(outcome.errors == "vitrail: cannot write to standard output: No space left on device\n")
    #expect(scratch.exists("run/checkpoints/best/state.json"))
  }

  /// No file may grow, as on a disk that is full.
  @Test func aRecipeThatDoesNotFitLeavesNothing() throws {
    let scratch = try Scratch()
    // Not even the file of the messages may grow.
    let messages = Pipe()
    let outcome = try Tool.Started(
      ["init", "my.yaml"], in: scratch.path, errors: messages.fileHandleForWriting,
      shell: #"trap '' XFSZ; ulimit -f 0; exec "$0" "$@""#
    ).wait()
    try messages.fileHandleForWriting.close()
    #expect(outcome.code == 1)
    let text = String(decoding: try messages.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    #expect(text == "vitrail: cannot write 'my.yaml': File too large\n")
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == [])
  }

  /// What a link stands for is written, and the link stays, whichever command writes.
  @Test(arguments: [
    ["init", "LINK.yaml"], ["data", "scan", "DATA", "--json", "LINK.json"],
    ["data", "preview", "--data", "DATA", "--out", "LINK.png"], ["data", "apply", "Equalize", "IMAGE", "LINK.png"],
    ["train", "--data", "DATA", "--plot-schedule", "LINK.svg"] + TinyData.settings,
  ]) func linksStay(_ arguments: [String]) throws {
    let scratch = try Scratch()
    let name = try #require(arguments.first { $0.hasPrefix("LINK") })
    try FileManager.default.createSymbolicLink(atPath: "\(scratch.path)/\(name)", withDestinationPath: "target")
    let outcome = try Tool.run(filled(arguments), in: scratch.path)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(scratch.path)/\(name)") == "target")
    #expect(try scratch.text("target").isEmpty == false)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted() == [name, "target"])
  }

  @Test(arguments: [(SIGTERM, 143), (SIGINT, 130), (SIGHUP, 129)] as [(Int32, Int32)])
  func whatASignalEndsLeavesNothing(signal: Int32, code: Int32) throws {
    let scratch = try Scratch()
    let started = try Tool.Started(
      ["data", "sample", "flowers", "--out", "out", "--count", "1000000", "--size", "32x32", "--quiet"],
      in: scratch.path)
    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: scratch.path) }
    while try names().isEmpty && started.process.isRunning { usleep(1000) }
    kill(started.process.processIdentifier, signal)
    // Whoever does not hear it would draw for hours.
    for _ in 0..<3000 where started.process.isRunning { usleep(10_000) }
    kill(started.process.processIdentifier, SIGKILL)
    let outcome = started.wait()
    #expect(outcome.code == code && !outcome.wasSignalled)
    #expect(outcome.errorLines.count == 1)
    #expect(try names() == [])
  }

  @Test func whatAKillLeavesIsRemovedByTheNext() throws {
    let scratch = try Scratch()
    let arguments = ["data", "sample", "flowers", "--out", "out", "--size", "32x32", "--quiet", "--count"]
    let started = try Tool.Started(arguments + ["1000000"], in: scratch.path)
    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: scratch.path) }
    while try names().isEmpty && started.process.isRunning { usleep(1000) }
    // While it lives, another one leaves its work alone.
    kill(started.process.processIdentifier, SIGSTOP)
    #expect(try Tool.run(arguments + ["5"], in: scratch.path).code == 0)
    #expect(try names().count == 2)
    try FileManager.default.removeItem(atPath: "\(scratch.path)/out")
    kill(started.process.processIdentifier, SIGKILL)
    _ = started.wait()
    #expect(try names().count == 1)
    #expect(try Tool.run(arguments + ["5"], in: scratch.path).code == 0)
    #expect(try names() == ["out"])
  }
}
