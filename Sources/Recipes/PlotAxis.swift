import Foundation

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
