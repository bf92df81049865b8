import Foundation
import Testing

@testable import Telemetry

@Suite struct StepTimesTests {
  @Test func nothingYet() {
    let times = StepTimes()
    #expect(times.mean == nil && times.median == nil && times.quantile(0.95) == nil)
    #expect(times.waitingShare == nil && times.samplesPerSecond == nil && times.numSteps == 0)
  }

  @Test func theNumbersOfTwentySteps() {
    var times = StepTimes()
    for seconds in (1...20).reversed() { times.add(seconds: Double(seconds), waiting: 0.25, samples: 42) }
    #expect(times.numSteps == 20 && times.last == 1)
    #expect(times.mean == 10.5 && times.median == 10.5)
    #expect(times.quantile(0.95) == 19 && times.quantile(1) == 20 && times.quantile(0.05) == 1)
    #expect(times.waitingShare == 5.0 / 210 && times.samplesPerSecond == 4)
    times.add(seconds: 30, waiting: 30, samples: 0)
    #expect(times.median == 11 && times.last == 30)
  }

  @Test func theFirstStepsCountWhereThereAreNoOthers() {
    var times = StepTimes()
    times.add(seconds: 8, waiting: 8, samples: 8, isWarmup: true)
    #expect(times.mean == 8 && times.waitingShare == 1 && times.samplesPerSecond == 1)
    times.add(seconds: 2, waiting: 0, samples: 8)
    #expect(times.mean == 2 && times.waitingShare == 0 && times.samplesPerSecond == 4 && times.numSteps == 2)
  }

  @Test func memoryOfTheProcess() throws {
    #expect(ProcessMemory.residentBytes(statm: "1000 20 3 1 0 5 0\n", pageSize: 4096) == 81_920)
    for text in [nil, "", "12", "x y"] { #expect(ProcessMemory.residentBytes(statm: text, pageSize: 4096) == nil) }
    #expect(ProcessMemory.peak > 1_000_000)
    #if os(Linux)
      #expect(try #require(ProcessMemory.current) > 1_000_000)
    #endif
  }
}
