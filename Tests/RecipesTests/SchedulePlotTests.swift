import Foundation
import Optim
import Settings
import Testing

@testable import Recipes

/// The picture is well-formed, and its line is the schedule.
@Suite struct SchedulePlotTests {
  private func plot(
    _ settings: Tagged<ScheduleFamily>, length: RunLength, runSteps: Int? = nil
  ) -> (plot: SchedulePlot, schedule: Schedule) {
    let schedule = settings.options.schedule(base: 0.5, length: length)
    let plot = SchedulePlot(
      schedule: schedule, settings: settings, base: 0.5, length: length, runSteps: runSteps ?? length.numSteps)
    return (plot, schedule)
  }

  /// The step and rate of each point of the line, read back through the ticks of both axes.
  private func points(_ svg: String) throws -> [(step: Double, rate: Double)] {
    let picture = try SVG(svg)
    let texts = picture.elements("text")
    func scale(_ anchor: String, _ axis: String, where isTick: ([String: String]) -> Bool) throws -> (Double) -> Double
    {
      let ticks: [(value: Double, place: Double)] = texts.compactMap { text in
        guard text.attributes["text-anchor"] == anchor, isTick(text.attributes), let value = Double(text.content),
          let place = text.attributes[axis].flatMap(Double.init)
        else { return nil }
        // A label at the left stands four units below its tick.
        return (value, axis == "y" ? place - 4 : place)
      }
      let (low, high) = (try #require(ticks.first), try #require(ticks.last))
      return { low.value + ($0 - low.place) / (high.place - low.place) * (high.value - low.value) }
    }
    let step = try scale("middle", "x") { $0["y"] == "418.0000" }
    let rate = try scale("end", "y") { $0["x"] == "72.0000" }
    let line = try #require(picture.elements("polyline").first?.attributes["points"])
    return try line.split(separator: " ").map { point in
      let numbers = point.split(separator: ",").compactMap { Double($0) }
      try #require(numbers.count == 2)
      return (step(numbers[0]), rate(numbers[1]))
    }
  }

  @Test func theLineIsTheSchedule() throws {
    var curve = CosineCurve()
    curve.minimum = 0.01
    var settings = Tagged<ScheduleFamily>(curve)
    settings.warmupSteps = 7
    let (plot, schedule) = plot(settings, length: RunLength(numEpochs: 9, stepsPerEpoch: 11))
    let found = try points(plot.svg)
    #expect(found.count == 99)
    for (step, point) in found.enumerated() {
      #expect(abs(point.step - Double(step)) < 1e-3)
      #expect(abs(point.rate - schedule.learningRate(atStep: step)) < 1e-6)
    }
    // A line one step off is another line.
    #expect(abs(found[20].rate - schedule.learningRate(atStep: 21)) > 1e-3)
  }

  @Test func aLongRunIsThinnedOut() throws {
    let (plot, schedule) = plot(.init(LinearCurve()), length: RunLength(numEpochs: 300, stepsPerEpoch: 5004))
    let points = plot.points
    #expect(points.count == SchedulePlot.maxPoints)
    #expect(points.first?.step == 0)
    #expect(points.last?.step == 300 * 5004 - 1)
    #expect(zip(points, points.dropFirst()).allSatisfy { $0.step < $1.step })
    #expect(points.allSatisfy { $0.rate == schedule.learningRate(atStep: $0.step) })
    #expect(try self.points(plot.svg).count == points.count)
  }

  @Test func marksAndTitle() throws {
    var settings = Tagged<ScheduleFamily>(CosineCurve())
    settings.unit = .epoch
    settings.warmupEpochs = 3
    let (plot, _) = plot(settings, length: RunLength(numEpochs: 10, stepsPerEpoch: 4), runSteps: 30)
    let picture = try SVG(plot.svg)
    let texts = picture.elements("text").map(\.content)
    #expect(texts.contains("Learning rate: cosine, highest 0.5"))
    #expect(texts.contains("unit: epoch, warmup_epochs: 3.0"))
    for label in ["end: 40 steps", "run ends: 30 steps", "warm-up: 12 steps", "step", "epoch"] {
      #expect(texts.contains(label))
    }
    // 740 units are 40 steps, from 80.
    let places = picture.elements("line").filter { $0.attributes["class"] == "mark" }.compactMap { $0.attributes["x1"] }
    #expect(places.sorted() == ["302.0000", "635.0000", "820.0000"])
  }

  @Test(arguments: [0, 1, 2]) func tinyRuns(numSteps: Int) throws {
    let (plot, _) = plot(.init(OneCycleCurve()), length: RunLength(numSteps: numSteps, stepsPerEpoch: 0))
    #expect(try SVG(plot.svg).elements("polyline").count == 1)
    #expect(!plot.svg.contains("nan") && !plot.svg.contains("inf"))
  }

  @Test func aLongListIsCutAndWhatBreaksXMLIsEscaped() throws {
    var options = MultiStepCurve()
    options.milestones = Array(1...2000)
    let (plot, _) = plot(.init(options), length: RunLength(numSteps: 5000, stepsPerEpoch: 10))
    #expect(try SVG(plot.svg).elements("text").allSatisfy { $0.content.count <= 110 })
    #expect(throws: (any Error).self) { try SVG(String(plot.svg.dropLast(8))) }
    #expect(throws: (any Error).self) { try SVG(plot.svg.replacingOccurrences(of: "</text>", with: "</txt>")) }
  }

  @Test func theFileIsWrittenWhole() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vitrail-plot-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (plot, _) = plot(.init(CosineCurve()), length: RunLength(numSteps: 20, stepsPerEpoch: 10))
    try plot.write(to: "\(folder)/a.svg")
    #expect(try String(contentsOfFile: "\(folder)/a.svg", encoding: .utf8) == plot.svg)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.svg"])
    #expect(throws: (any Error).self) { try plot.write(to: "\(folder)/none/a.svg") }
  }
}
