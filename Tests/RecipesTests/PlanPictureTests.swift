import Foundation
import Testing

@testable import Recipes

/// The picture of a plan is well-formed, and its bars are as long as what they stand for.
@Suite struct PlanPictureTests {
  private func plan(_ change: (inout PlanSetup) -> Void = { _ in }) throws -> TrainingPlan {
    var setup = try TrainingPlanTests.setup(
      "vit_large_patch16_224", ["data.batch_size=64", "training.accumulation=2", "training.ema={}"], worldSize: 8,
      zero: .optimizer)
    setup.memoryLimit = 80e9
    setup.peakFlops = 312e12
    setup.bandwidth = 1e9
    setup.latency = 5e-6
    change(&setup)
    return try TrainingPlan(setup)
  }

  private func number(_ element: SVG.Element, _ name: String) throws -> Double {
    try #require(element.attributes[name].flatMap(Double.init))
  }

  /// Heights are in one proportion to bytes, bars stand on one another, and the limit is drawn on the same scale.
  @Test func barsAreBytes() throws {
    let plan = try plan()
    let picture = try SVG(plan.svg)
    let limit = try #require(picture.elements("line").first { $0.attributes["class"] == "limit" })
    let perByte = try (400 - number(limit, "y1")) / 80e9
    for (place, stage) in ZeROStage.allCases.enumerated() {
      let memory = plan.memory(under: stage)
      var bottom = 400.0
      let bars = try picture.elements("rect").filter {
        try $0.attributes["class"] != nil && number($0, "x") == 100 + 120 * Double(place) && number($0, "y") < 420
      }
      #expect(bars.count == RankMemory.Component.allCases.filter { memory[$0] > 0 }.count)
      for bar in bars {
        let component = try #require(RankMemory.Component(rawValue: bar.attributes["class"] ?? ""))
        let height = try number(bar, "height")
        #expect(abs(height - memory[component] * perByte) < 1e-3, "\(component) under \(stage)")
        #expect(try abs(number(bar, "y") + height - bottom) < 1e-3)
        bottom = try number(bar, "y")
      }
      // A bar one component short is another bar.
      #expect(abs(400 - bottom - memory.total * perByte) < 1e-2)
      #expect(abs(400 - bottom - (memory.total - memory[.gradients]) * perByte) > 1e-2)
    }
  }

  @Test func timesAreBars() throws {
    let plan = try plan()
    let time = try #require(plan.time(under: .optimizer))
    let bars = try SVG(plan.svg).elements("rect").filter { $0.attributes["class"] == "time" }
    let widths = try bars.map { try number($0, "width") }
    #expect(widths.count == 4)
    let perSecond = widths[0] / time.compute
    let communication = try #require(time.communication)
    let exposed = try #require(time.exposed)
    #expect(abs(widths[1] - communication * perSecond) < 1e-2)
    #expect(abs(widths[2] - widths[0]) < 1e-3)
    #expect(abs(widths[3] - exposed * perSecond) < 1e-2)
    #expect(exposed < communication)
  }

  @Test func whatIsNotKnownIsNotDrawn() throws {
    let plan = try plan {
      ($0.memoryLimit, $0.peakFlops, $0.worldSize, $0.zero) = (nil, nil, 1, .none)
      $0.modelName = "a<b & \"c\""
    }
    let picture = try SVG(plan.svg)
    #expect(picture.elements("line").allSatisfy { $0.attributes["class"] != "limit" })
    #expect(picture.elements("rect").allSatisfy { $0.attributes["class"] != "time" })
    #expect(picture.elements("rect").filter { $0.attributes["class"] == "activations" }.count == 1)
    #expect(picture.elements("text").contains { $0.content.hasPrefix("a<b & \"c\": ") })
  }
}

extension TrainingPlan {
  fileprivate var svg: String { PlanPicture(self).svg }
}
