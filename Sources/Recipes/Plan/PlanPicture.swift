// A plan as a picture: what fills the memory of a rank under each ZeRO stage, and what a step's time goes into.

import Dataset
import Foundation

/// Draws a plan as an SVG.
public struct PlanPicture {
  private let plan: TrainingPlan
  private typealias Part = (name: String, value: Double, color: String)

  /// A picture of a plan.
  public init(_ plan: TrainingPlan) { self.plan = plan }

  /// Writes the picture, whole or not at all; a pipe or a device is written to.
  /// - Throws: `FileError`.
  public func write(to path: String) throws { try FileWriter.writeOutput(Array(svg.utf8), to: BytePath(path)) }

  private static let colors: [(component: RankMemory.Component, color: String)] = [
    (.weights, "#1f4e9c"), (.gradients, "#3d7edb"), (.optimizerState, "#7fb2f0"), (.average, "#b9d4f7"),
    (.casts, "#00796b"), (.gathered, "#4db6ac"), (.activations, "#e07b00"), (.layerGradient, "#f6b95c"),
    (.batch, "#8e44ad"), (.batchesAhead, "#c39bd3"), (.buckets, "#7f8c8d"), (.reserve, "#d5d8dc"),
  ]

  /// The picture.
  public var svg: String {
    let setup = plan.setup
    let title = "\(setup.modelName): \(PlanReport.grouped(plan.globalBatch)) images a step"
    let details =
      "\(setup.worldSize) ranks with \(setup.accumulation) batches of \(setup.batchSize), \(setup.precision.rawValue), "
      + "\(setup.optimizerState.optimizer)\(setup.checkpointsActivations ? ", activations computed again" : "")"
    var lines = SVGElements.head(width: 860, height: 560)
    lines.append(SVGElements.text(title, x: 80, y: 30, " font-size=\"17\" fill=\"#111\""))
    lines.append(SVGElements.text(details, x: 80, y: 50, " fill=\"#666\""))
    lines += memoryBars + timeBars
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private var memoryBars: [String] {
    let stages = plan.setup.worldSize > 1 ? ZeROStage.allCases : [.none]
    let memories = stages.map { plan.memory(under: $0) }
    let limit = plan.setup.memoryLimit
    let highest = max(memories.map(\.total).max() ?? 0, limit ?? 0)
    let y = PlotAxis(range: 0...max(1e-9, highest / 1e9 * 1.08), ends: (400, 80))
    var lines = y.ticks(6).flatMap { value in
      let place = y.coordinate(of: value)
      return [
        SVGElements.line(80, place, 590, place, value == 0 ? "#333" : "#e5e5e5"),
        SVGElements.text("\(PlotAxis.label(value)) GB", x: 72, y: place + 4, " text-anchor=\"end\""),
      ]
    }
    for (place, memory) in memories.enumerated() {
      let x = 100 + 120 * Double(place)
      var below = 0.0
      for (component, color) in Self.colors where memory[component] > 0 {
        let bytes = memory[component]
        let (bottom, top) = (y.coordinate(of: below / 1e9), y.coordinate(of: (below + bytes) / 1e9))
        lines.append(
          SVGElements.rectangle(
            x: x, y: top, width: 80, height: bottom - top, color,
            title: "\(Self.words(component.rawValue)): \(PlanReport.scaled(bytes, "B"))",
            " class=\"\(component.rawValue)\""))
        below += bytes
      }
      let isChosen = plan.setup.zero == memory.stage
      let weight = isChosen ? " font-weight=\"bold\"" : ""
      lines.append(
        SVGElements.text("ZeRO \(stages[place].rawValue)", x: x + 40, y: 418, " text-anchor=\"middle\"\(weight)"))
      lines.append(
        SVGElements.text(
          PlanReport.scaled(memory.total, "B"), x: x + 40, y: y.coordinate(of: memory.total / 1e9) - 5,
          " text-anchor=\"middle\"\(weight)"))
    }
    if let limit {
      let place = y.coordinate(of: limit / 1e9)
      lines.append(SVGElements.line(80, place, 590, place, "#c62828", " stroke-dasharray=\"6 4\" class=\"limit\""))
      lines.append(
        SVGElements.text(
          "limit: \(PlanReport.scaled(limit, "B"))", x: 586, y: place - 5, " text-anchor=\"end\" fill=\"#c62828\""))
    }
    let shown = Self.colors.filter { entry in memories.contains { $0[entry.component] > 0 } }
    for (row, entry) in shown.enumerated() {
      let place = 92 + 22 * Double(row)
      lines.append(
        SVGElements.rectangle(
          x: 630, y: place - 10, width: 12, height: 12, entry.color, title: entry.component.rawValue))
      lines.append(SVGElements.text(Self.words(entry.component.rawValue), x: 650, y: place, ""))
    }
    return lines
  }

  /// One bar for exchanges after the products, one for exchanges beside them.
  private var timeBars: [String] {
    guard let time = plan.time(under: plan.setup.zero) else { return [] }
    var bars: [(name: String, parts: [Part])] = [("a step", [("products", time.compute, "#e07b00")])]
    if let communication = time.communication, let exposed = time.exposed, communication > 0 {
      bars = [
        ("in turn", [("products", time.compute, "#e07b00"), ("exchanges", communication, "#1f4e9c")]),
        ("side by side", [("products", time.compute, "#e07b00"), ("exchanges left over", exposed, "#1f4e9c")]),
      ]
    }
    let x = PlotAxis(range: 0...max(1e-12, time.withoutOverlap * 1.15), ends: (150, 780))
    var lines: [String] = []
    for (row, bar) in bars.enumerated() {
      let top = 450 + 32 * Double(row)
      lines.append(SVGElements.text(bar.name, x: 142, y: top + 16, " text-anchor=\"end\""))
      var before = 0.0
      for part in bar.parts {
        let (left, right) = (x.coordinate(of: before), x.coordinate(of: before + part.value))
        lines.append(
          SVGElements.rectangle(
            x: left, y: top, width: right - left, height: 22, part.color,
            title: "\(part.name): \(Self.seconds(part.value))",
            " class=\"time\""))
        before += part.value
      }
      lines.append(SVGElements.text(Self.seconds(before), x: x.coordinate(of: before) + 6, y: top + 16, ""))
    }
    let names = bars[0].parts.map { "\($0.name) \(Self.seconds($0.value))" }.joined(separator: ", ")
    lines.append(SVGElements.text("time of a step: \(names)", x: 80, y: 440, " fill=\"#666\""))
    return lines
  }

  private static func seconds(_ value: Double) -> String {
    value >= 1 ? String(format: "%.3g s", value) : String(format: "%.3g ms", 1000 * value)
  }

  private static func words(_ name: String) -> String { name.replacingOccurrences(of: "_", with: " ") }
}
