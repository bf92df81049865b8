// The learning rate over a run as a picture: an SVG of its own, without scripts, fonts or references.

import Dataset
import Foundation
import Optim
import Settings
import Training

/// Draws the schedule of a run.
public struct SchedulePlot {
  /// A step and its rate.
  public typealias Point = (step: Int, rate: Double)

  private let schedule: Schedule
  private let title: String
  private let details: String
  private let warmupSteps: Int
  private let numSteps: Int
  private let runSteps: Int
  private let stepsPerEpoch: Int

  /// More points than this are not drawn: the plot is narrower.
  static let maxPoints = 2000

  /// A plot of what a run's schedule spans.
  public init(_ run: Run) {
    self.init(
      schedule: run.parts.schedule, settings: run.options.schedule, base: run.options.training.lr,
      length: run.scheduledLength, runSteps: run.totalSteps)
  }

  /// A plot of a schedule made from `settings`, of which a run takes the first `runSteps` steps.
  init(
    schedule: Schedule, settings: Tagged<ScheduleFamily>, base: Double, length: RunLength, runSteps: Int
  ) {
    self.schedule = schedule
    title = "Learning rate: \(settings.name), highest \(PlotAxis.label(base))"
    details = Self.details(settings)
    warmupSteps = schedule.timeline.warmupSteps
    numSteps = max(1, length.numSteps)
    self.runSteps = runSteps
    stepsPerEpoch = max(1, length.stepsPerEpoch)
  }

  /// What is drawn: every step, or `maxPoints` of them, evenly spread, with the first and the last.
  public var points: [Point] {
    let count = min(numSteps, Self.maxPoints)
    return (0..<count).map { index in
      // In floating point, because the product of two counts may be larger than an Int.
      let place = count > 1 ? Double(index) / Double(count - 1) * Double(numSteps - 1) : 0
      let step = min(numSteps - 1, Int(place.rounded()))
      return (step, schedule.learningRate(atStep: step))
    }
  }

  /// Writes the picture, whole or not at all; a pipe or a device is written to.
  /// - Throws: `FileError`.
  public func write(to path: String) throws { try FileWriter.writeOutput(Array(svg.utf8), to: BytePath(path)) }

  /// The picture.
  public var svg: String {
    let points = points
    let highest = points.map(\.rate).max() ?? 0
    let x = PlotAxis(range: 0...Double(numSteps), ends: (80, 820))
    let y = PlotAxis(range: 0...(highest > 0 && highest.isFinite ? highest * 1.05 : 1), ends: (400, 100))
    var lines =
      SVGElements.head(width: 860, height: 480) + [
        text(title, x: 80, y: 30, " font-size=\"17\" fill=\"#111\""),
        text(details, x: 80, y: 50, " fill=\"#666\""),
      ]
    lines += verticalScale(x, y) + horizontalScales(x, y) + marks(x, y)
    let path = points.map { "\(number(x.coordinate(of: Double($0.step)))),\(number(y.coordinate(of: $0.rate)))" }
    lines.append(
      "<polyline fill=\"none\" stroke=\"#1f6feb\" stroke-width=\"2\" stroke-linejoin=\"round\" "
        + "points=\"\(path.joined(separator: " "))\"/>")
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private func verticalScale(_ x: PlotAxis, _ y: PlotAxis) -> [String] {
    y.ticks(6).flatMap { value in
      let height = y.coordinate(of: value)
      return [
        line(x.ends.0, height, x.ends.1, height, value == 0 ? "#333" : "#e5e5e5"),
        text(PlotAxis.label(value), x: x.ends.0 - 8, y: height + 4, " text-anchor=\"end\""),
      ]
    }
  }

  /// Steps, and below them epochs.
  private func horizontalScales(_ x: PlotAxis, _ y: PlotAxis) -> [String] {
    let epochs = PlotAxis(range: 0...(Double(numSteps) / Double(stepsPerEpoch)), ends: x.ends)
    var lines: [String] = []
    for (axis, name, top) in [(x, "step", y.ends.0), (epochs, "epoch", y.ends.0 + 34)] {
      lines.append(line(x.ends.0, top, x.ends.1, top, "#333"))
      lines.append(text(name, x: x.ends.0 - 8, y: top + 18, " text-anchor=\"end\" fill=\"#666\""))
      for value in axis.ticks(10, whole: true) {
        let place = axis.coordinate(of: value)
        lines.append(line(place, top, place, top + 5, "#333"))
        lines.append(text(PlotAxis.label(value), x: place, y: top + 18, " text-anchor=\"middle\""))
      }
    }
    return lines
  }

  private func marks(_ x: PlotAxis, _ y: PlotAxis) -> [String] {
    var marks = [(step: numSteps, name: "end", color: "#888", anchor: "end", level: 0)]
    let isCut = runSteps < numSteps
    if isCut { marks.append((runSteps, "run ends", "#c62828", runSteps * 2 < numSteps ? "start" : "end", 1)) }
    if warmupSteps > 0, warmupSteps <= numSteps {
      let isEarly = warmupSteps < numSteps / 2
      let level = isCut ? 2 : isEarly ? 0 : 1
      marks.append((warmupSteps, "warm-up", "#2e7d32", isEarly ? "start" : "end", level))
    }
    return marks.flatMap { mark in
      let place = x.coordinate(of: Double(mark.step))
      return [
        line(place, y.ends.1, place, y.ends.0, mark.color, " stroke-dasharray=\"4 3\" class=\"mark\""),
        text(
          "\(mark.name): \(mark.step) steps", x: place, y: y.ends.1 - 6 - 13 * Double(mark.level),
          " text-anchor=\"\(mark.anchor)\" fill=\"\(mark.color)\""),
      ]
    }
  }

  private func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: String, _ more: String = ""
  ) -> String { SVGElements.line(x1, y1, x2, y2, color, more) }

  private func text(_ text: String, x: Double, y: Double, _ more: String) -> String {
    SVGElements.text(text, x: x, y: y, more)
  }

  private func number(_ value: Double) -> String { SVGElements.number(value) }

  /// The unit and what is not the type's default, in one line that fits.
  private static func details(_ settings: Tagged<ScheduleFamily>) -> String {
    guard case .mapping(let entries) = OptionsEncoder.encode(settings) else { return "" }
    let fresh: any AnyScheduleOptions = type(of: settings.options).init()
    let defaults = OptionsEncoder.encode(fresh)
    let all = entries.filter { $0.key == "unit" || ($0.key != "type" && $0.value != defaults[$0.key]) }
      .map { OptionsValue.mapping([$0]).yaml.split(separator: "\n").joined(separator: " ") }.joined(separator: ", ")
    return all.count > 110 ? all.prefix(109) + "…" : all
  }
}

/// One axis of a plot: where values lie, and which of them get a tick.
struct PlotAxis {
  /// The values at both ends.
  let range: ClosedRange<Double>
  /// The coordinates of both ends; the second may be the smaller.
  let ends: (Double, Double)

  /// The coordinate of a value.
  func coordinate(of value: Double) -> Double {
    let span = range.upperBound - range.lowerBound
    return ends.0 + (ends.1 - ends.0) * (span > 0 ? (value - range.lowerBound) / span : 0)
  }

  /// About `count` round values: 1, 2 or 5 times a power of ten apart.
  func ticks(_ count: Int, whole: Bool = false) -> [Double] {
    let span = range.upperBound - range.lowerBound
    guard span > 0, span.isFinite else { return [range.lowerBound] }
    let rough = span / Double(count)
    let power = pow(10, floor(log10(rough)))
    var step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? rough
    if whole { step = max(1, step.rounded()) }
    let first = (range.lowerBound / step - 1e-9).rounded(.up)
    let last = (range.upperBound / step + 1e-9).rounded(.down)
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  /// A value with the fewest digits, at most four.
  static func label(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e7 ? String(Int(value)) : String(format: "%.4g", value)
  }
}
