import Foundation
import TestSupport
import Testing
import Torch

@Suite struct ProfilerTests {
  private static func record(_ body: () throws -> Void) throws -> Data {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("trace-\(UUID().uuidString).json").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Profiler.start(on: .cpu)
    try body()
    try Profiler.stop(writingTo: path)
    return try Data(contentsOf: URL(fileURLWithPath: path))
  }

  /// Two products with their gradients, in spans.
  private static func work() {
    let weight = Tensor.full([8, 8], 0.5)
    weight.requiresGrad = true
    for _ in 0..<2 {
      withSpan("round") {
        let loss = withSpan("forward") { weight.matmul(weight).sum() }
        withSpan("backward") { loss.backward() }
      }
    }
  }

  @Test func operatorsStandInTheirSpans() async {
    await #expect(processExitsWith: .success) {
      let data = try ProfilerTests.record(ProfilerTests.work)
      let trace = TraceFile(data)
      #expect(trace.faults == [])
      let rounds = trace.annotations("round")
      #expect(rounds.count == 2)
      for round in rounds {
        let parts = trace.inside(round).filter { $0.category == "user_annotation" }.sorted { $0.start < $1.start }
        #expect(parts.map(\.name) == ["forward", "backward"])
        #expect(trace.inside(parts[0]).contains { $0.name == "aten::matmul" })
        #expect(trace.inside(parts[1]).contains { $0.name.contains("Backward") })
      }
      // Nothing of what comes before, between and after two records is in them.
      withSpan("between") { ProfilerTests.work() }
      let second = TraceFile(try ProfilerTests.record { withSpan("only") { _ = Tensor.full([2], 1) + 1 } })
      #expect(second.faults == [] && second.annotations("only").count == 1)
      #expect(second.annotations("round").isEmpty && second.annotations("between").isEmpty)
    }
  }

  @Test func whatIsWrongIsSaid() async {
    await #expect(processExitsWith: .success) {
      #expect(throws: ProfilerError.self) { try Profiler.stop(writingTo: nil) }
      try Profiler.start(on: .cpu)
      #expect(throws: ProfilerError.self) { try Profiler.start(on: .cpu) }
      try Profiler.stop(writingTo: nil)
      // A body's error passes through its span, which is closed.
      let data = try ProfilerTests.record {
        #expect(throws: CocoaError.self) { try withSpan("outer") { throw CocoaError(.featureUnsupported) } }
        withSpan("next") { _ = Tensor.full([2], 1) + 1 }
      }
      let trace = TraceFile(data)
      #expect(trace.faults == [])
      let outer = try #require(trace.annotations("outer").first)
      #expect(trace.inside(outer).isEmpty && trace.annotations("next").count == 1)
    }
  }

  /// The checker itself.
  @Test func faultyTracesAreFound() throws {
    func faults(_ events: String) -> [String] { TraceFile(Data(#"{"traceEvents": [\#(events)]}"#.utf8)).faults }
    func event(_ name: String, _ start: Double, _ duration: Double, thread: Int = 1) -> String {
      #"{"ph":"X","cat":"cpu_op","name":"\#(name)","pid":1,"tid":\#(thread),"ts":\#(start),"dur":\#(duration)}"#
    }
    #expect(faults([event("a", 0, 10), event("b", 1, 9), event("c", 10, 5)].joined(separator: ",")) == [])
    #expect(faults([event("a", 0, 10), event("b", 5, 10)].joined(separator: ",")).count == 1)
    #expect(faults([event("a", 0, 10), event("b", 5, 10, thread: 2)].joined(separator: ",")) == [])
    #expect(faults(event("a", 0, -1)).first?.contains("lacks") == true)
    #expect(faults(event("", 0, 1)).first?.contains("lacks") == true)
    #expect(faults("") == ["it has no complete event"])
    #expect(TraceFile(Data(#"{"traceEvents": ["#.utf8)).faults.count == 1)
  }
}
