import Foundation
import Parallelism
import TestSupport
import Testing
import Training

@testable import Recipes

/// The profile of a run.
@Suite struct ProfileTests {
  private static func train(
    _ fixture: RunFixture, _ options: RunOptions, resuming: Bool = false, stopAtCall: Int? = nil
  ) throws -> [String] {
    var builder = RunBuilder(options)
    var notes: [String] = []
    builder.note = { notes.append($0) }
    var numCalls = 0
    builder.stopRequest = {
      numCalls += 1
      return numCalls == stopAtCall ? "the test" : nil
    }
    _ = try (resuming ? builder.resume() : builder.build()).train()
    return notes.filter { $0.contains("profile") }
  }

  /// The settings of a run with a profile from `start` on.
  private static func options(
    _ fixture: RunFixture, _ name: String = "run", start: Int, steps: Int? = nil, file: String? = nil
  ) -> RunOptions {
    fixture.options(name) {
      var profile = $0.training.profile ?? .init()
      profile.startStep = start
      if let steps { profile.numSteps = steps }
      if let file { profile.file = file }
      $0.training.profile = profile
    }
  }

  private static func trace(_ path: String) throws -> TraceFile {
    TraceFile(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// Steps 5 to 8 of six an epoch: the end of an epoch, with evaluation and checkpoints, is among them.
  @Test func aWindowOfSteps() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = ProfileTests.options(fixture, start: 5, steps: 4)
      let notes = try ProfileTests.train(fixture, options)
      #expect(
        notes == ["profile up to step 8: \(options.out)/trace.json; open it in ui.perfetto.dev or chrome://tracing"])
      let trace = try ProfileTests.trace("\(options.out)/trace.json")
      #expect(trace.faults == [])
      let steps = trace.annotations("step")
      #expect(steps.count == 4)
      for step in steps {
        let parts = trace.inside(step).filter { $0.category == "user_annotation" }.sorted { $0.start < $1.start }
        #expect(parts.map(\.name).filter { $0 != "data wait" } == ["forward", "backward", "optimizer"])
        #expect(parts.first?.name == "data wait")
        let forward = try #require(parts.first { $0.name == "forward" })
        #expect(trace.inside(forward).contains { $0.category == "cpu_op" })
      }
      #expect(trace.annotations("evaluation").count == 1)
      // The record begins right before step 5 and ends right after step 8, before its checkpoint: that of step 6 is in it.
      #expect(trace.annotations("checkpoint").count == 1)
      #expect(try FileManager.default.contentsOfDirectory(atPath: options.out).allSatisfy { !$0.hasSuffix(".partial") })
      // The checker: a trace that ends too early is none.
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(options.out)/trace.json"))
      #expect(TraceFile(data.dropLast(data.count / 3)).faults != [])
    }
  }

  /// Of two ranks: the sums of gradients are started within the last backward pass of a step, and run on other threads.
  @Test func sumsOfGradientsBesideTheBackwardPass() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      var options = ProfileTests.options(fixture, start: 2, steps: 2)
      options.data.batchSize = 4
      options.training.accumulation = 2
      options.parallel.bucketMegabytes = 0.01
      let settings = options
      let numBuckets = try ProcessGroup.withThreads(2) { group in
        var builder = RunBuilder(settings)
        builder.group = group
        let run = try builder.build()
        _ = try run.train()
        return run.parts.ranks.overlap.of
      }[0]
      let trace = try ProfileTests.trace("\(options.out)/trace.json")
      #expect(trace.faults == [] && numBuckets >= 6)
      let steps = trace.annotations("step")
      #expect(steps.count == 2)
      for step in steps {
        let passes = trace.inside(step).filter { $0.name == "backward" }.sorted { $0.start < $1.start }
        let started = passes.map { pass in trace.inside(pass).count { $0.name == "reduce" } }
        #expect(started.count == 2 && started[0] == 0 && started[1] >= numBuckets / 2, "\(started) of \(numBuckets)")
        // One for each bucket, and one for what the ranks agree on.
        let sums = trace.annotations("gloo:all_reduce").filter { $0.start > step.start && $0.start < step.end }
        #expect(sums.count == numBuckets + 1 && sums.allSatisfy { $0.thread != step.thread })
      }
    }
  }

  /// Recording changes no bit.
  @Test func theRunIsTheSame() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      try fixture.train(fixture.options("whole"))
      let options = ProfileTests.options(fixture, "profiled", start: 1, file: "first steps.json")
      _ = try ProfileTests.train(fixture, options)
      try expectSame(options.out, RunTrace("\(fixture.folder)/whole"))
      let trace = try ProfileTests.trace("\(options.out)/first steps.json")
      #expect(trace.faults == [] && trace.annotations("optimizer").count == 5)
    }
  }

  @Test func windowsThatTheRunDoesNotFill() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      // The end of the run ends the window.
      let short = ProfileTests.options(fixture, "short", start: 11)
      #expect(try ProfileTests.train(fixture, short).first?.hasPrefix("profile up to step 12") == true)
      #expect(try ProfileTests.trace("\(short.out)/trace.json").annotations("optimizer").count == 2)
      // The window begins after the end.
      let late = ProfileTests.options(fixture, "late", start: 13)
      #expect(
        try ProfileTests.train(fixture, late)
          == ["no profile: the run has 12 steps, and the profile starts at step 13"])
      #expect(!FileManager.default.fileExists(atPath: "\(late.out)/trace.json"))
      // A run that goes on from within the window records the rest; one from behind it nothing.
      let resumed = ProfileTests.options(fixture, "resumed", start: 3, steps: 8)
      #expect(try ProfileTests.train(fixture, resumed, stopAtCall: 5).first?.hasPrefix("profile up to step 4") == true)
      #expect(
        try ProfileTests.train(fixture, resumed, resuming: true).first?.hasPrefix("profile up to step 10") == true)
      #expect(try ProfileTests.trace("\(resumed.out)/trace.json").annotations("optimizer").count == 6)
      #expect(try ProfileTests.train(fixture, resumed, resuming: true) == [])
    }
  }

  /// A trace that cannot be written is said, and the run goes on.
  @Test func aPlaceThatCannotBeWritten() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = ProfileTests.options(fixture, start: 2)
      let block = EventHook { event in
        if case .start = event {
          try FileManager.default.createDirectory(
            atPath: "\(options.out)/trace.json/in the way", withIntermediateDirectories: true)
        }
        return .goOn
      }
      var builder = RunBuilder(options)
      var notes: [String] = []
      builder.note = { notes.append($0) }
      builder.hooks = [block]
      #expect(try builder.build().train().status == .completed)
      #expect(notes.contains { $0.hasPrefix("no profile: \(options.out)/trace.json cannot be written: ") })
      #expect(try FileManager.default.contentsOfDirectory(atPath: options.out).allSatisfy { !$0.hasSuffix(".partial") })
    }
  }
}
