import Checkpoint
import Foundation
import Settings
import TestSupport
import Testing
import Torch
import Training

@testable import Recipes

/// The tool as a process: signals, kills, disks, and two of them at once.
@Suite struct ProcessTests {
  /// Writes settings as a recipe; gives the arguments that train it.
  private func command(_ fixture: RunFixture, _ name: String, _ change: (inout RunOptions) -> Void = { _ in }) throws
    -> (arguments: [String], out: String)
  {
    let options = fixture.options(name, change)
    try FileManager.default.createDirectory(atPath: fixture.folder, withIntermediateDirectories: true)
    let recipe = "\(fixture.folder)/\(name).yaml"
    try OptionsEncoder.encode(options).yaml.write(toFile: recipe, atomically: true, encoding: .utf8)
    return (["train", "--config", recipe, "--quiet"], options.out)
  }

  private func numSteps(_ run: String) -> Int {
    let lines = (try? String(contentsOfFile: "\(run)/metrics.jsonl", encoding: .utf8)) ?? ""
    return lines.components(separatedBy: "\"event\":\"step\"").count - 1
  }

  private func weights(_ run: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(run)/checkpoints/last/model.safetensors"))
  }

  @Test func operatorsAreDeterministicOnTheCPUUnlessToldOtherwise() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      _ = try RunBuilder(fixture.options("a")).plan()
      #expect(Runtime.usesDeterministicOperators)
      _ = try RunBuilder(fixture.options("b") { $0.deterministic = false }).plan()
      #expect(!Runtime.usesDeterministicOperators)
    }
  }

  /// Longer than anybody waits, so that a signal comes in its middle however fast the machine is.
  private func long(_ options: inout RunOptions) {
    options.training.epochs = 100_000
    options.training.evaluateEveryEpochs = 25
    options.checkpoint.everySteps = nil
    options.checkpoint.everyEpochs = 25
  }

  @Test(arguments: [(SIGTERM, 143 as Int32), (SIGINT, 130 as Int32), (SIGHUP, 129 as Int32)])
  func aSignalSavesAndTheRunGoesOn(_ signal: Int32, _ code: Int32) throws {
    let fixture = try RunFixture()
    let (arguments, out) = try command(fixture, "run", long)
    let first = try VitrailExecutable(arguments)
    #expect(first.wait { numSteps(out) >= 5 })
    // Meanwhile, nobody else trains there. It waits, so that it cannot end before the others have tried.
    kill(first.process.processIdentifier, SIGSTOP)
    for resume in [[], ["--resume", "auto"]] {
      let second = try VitrailExecutable(arguments + resume).wait()
      #expect(second.code == 2 && second.errors.contains("another process is training in it"))
      #expect(second.errors.split(separator: "\n").count == 1)
    }
    #expect(first.process.isRunning)
    kill(first.process.processIdentifier, signal)
    kill(first.process.processIdentifier, SIGCONT)
    #expect(first.wait().code == code)

    let stopped = try CheckpointStore(folder: "\(out)/checkpoints").linked("last")
    #expect(stopped.step == numSteps(out))
    #expect(try metrics(out).last?["status"] as? String == "interrupted")
    // Without --resume it is refused, with it, it ends as if nothing had been.
    #expect(try VitrailExecutable(arguments).wait().code == 2)
    let end = ["--set", "training.max_steps=\(stopped.step + 20)"]
    #expect(try VitrailExecutable(arguments + end + ["--resume", "auto"]).wait().code == 0)
    let (whole, wholeOut) = try command(fixture, "whole", long)
    #expect(try VitrailExecutable(whole + end).wait().code == 0)
    #expect(try weights(out) == weights(wholeOut))
    #expect(numSteps(out) == stopped.step + 20)
  }

  /// As `nohup` starts it: a terminal that closes ends nothing.
  @Test func aHangUpThatIsIgnoredStaysIgnored() throws {
    let fixture = try RunFixture()
    let (arguments, out) = try command(fixture, "run", long)
    let running = try VitrailExecutable(
      ["-c", "trap '' HUP; exec \"$@\"", "sh", VitrailExecutable.path] + arguments, executable: "/bin/sh")
    #expect(running.wait { numSteps(out) >= 5 })
    kill(running.process.processIdentifier, SIGHUP)
    let seen = numSteps(out)
    #expect(running.wait { numSteps(out) >= seen + 20 })
    kill(running.process.processIdentifier, SIGTERM)
    #expect(running.wait().code == 143)
  }

  /// A step of this run takes a second at least.
  @Test func aSecondInterruptStopsAtOnce() throws {
    let fixture = try RunFixture(numTrain: 64, numValidation: 3)
    let (arguments, out) = try command(fixture, "run") {
      $0.model = .init()
      $0.data.batchSize = 64
    }
    let running = try VitrailExecutable(arguments)
    #expect(running.wait { (try? metrics(out).isEmpty) == false })
    usleep(200_000)
    kill(running.process.processIdentifier, SIGINT)
    usleep(50_000)
    kill(running.process.processIdentifier, SIGINT)
    #expect(running.wait().code == 130)
    #expect(numSteps(out) == 0)
    #expect(!FileManager.default.fileExists(atPath: "\(out)/checkpoints/last"))
    #expect(try metrics(out).compactMap { $0["event"] as? String }.filter { $0 != "warning" } == ["run_start"])
  }

  /// A limit on the size of files stands for a full disk: what is written stops in the middle of a file.
  @Test func aFullDisk() throws {
    let fixture = try RunFixture()
    let (whole, wholeOut) = try command(fixture, "whole")
    #expect(try VitrailExecutable(whole).wait().code == 0)
    let (arguments, out) = try command(fixture, "run") { $0.training.maxSteps = 3 }
    #expect(try VitrailExecutable(arguments).wait().code == 0)
    let before = try weights(out)

    // All but the optimizer's file is smaller than this.
    let sizes = try ["model", "optimizer"].map {
      try Data(contentsOf: URL(fileURLWithPath: "\(out)/checkpoints/last/\($0).safetensors")).count
    }
    let limit = (sizes[0] + sizes[1]) / 2 / 1024
    #expect(limit * 1024 > sizes[0])
    let resumed = try command(fixture, "run").arguments + ["--resume", "auto"]
    let full = try VitrailExecutable(
      ["-c", "trap '' XFSZ; ulimit -f \(limit); exec \"$@\"", "bash", VitrailExecutable.path] + resumed,
      executable: "/bin/bash"
    ).wait()
    #expect(full.code == 1)
    #expect(full.errors.split(separator: "\n").count == 1 && full.errors.contains("optimizer.safetensors"))
    #expect(try weights(out) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(out)/checkpoints").allSatisfy { !$0.hasPrefix(".") })

    #expect(try VitrailExecutable(resumed).wait().code == 0)
    #expect(try weights(out) == weights(wholeOut))
  }

  /// Root may write anywhere, so that only other users can see this.
  @Test(.enabled(if: geteuid() != 0)) func aFolderThatMustNotBeWritten() throws {
    let fixture = try RunFixture()
    let (arguments, out) = try command(fixture, "run")
    #expect(try VitrailExecutable(arguments + ["--set", "training.max_steps=3"]).wait().code == 0)
    let before = try weights(out)
    chmod("\(out)/checkpoints", 0o555)
    defer { chmod("\(out)/checkpoints", 0o755) }
    let ended = try VitrailExecutable(arguments + ["--resume", "auto"]).wait()
    #expect(ended.code == 1 && ended.errors.split(separator: "\n").count == 1)
    #expect(try weights(out) == before)
  }

  /// Three kills, one of them in a save at least; scripts/kill-test.sh says how.
  @Test func killsChangeNoBit() throws {
    let set = try SmallImageSet(numTrain: 60, numValidation: 9)
    let script = Fixture.path("../../scripts/kill-test.sh")
    let test = try VitrailExecutable(
      [script, "3", set.path], executable: "/bin/bash", environment: ["VITRAIL": VitrailExecutable.path])
    let (code, errors) = test.wait()
    #expect(code == 0, "\(errors)")
  }
}
