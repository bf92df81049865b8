// Quantities with units, read strictly: a wrong letter here is a factor of eight or of a thousand.

/// A kind of quantity that a plan is told, with the units that it may have.
public enum PlanQuantity: Sendable {
  /// Bytes: `80GB` (10^9), `80GiB` (2^30).
  case memory
  /// Bytes a second: `200Gb/s` (bits), `25GB/s` (bytes).
  case bandwidth
  /// Seconds: `5us`.
  case duration
  /// Floating-point operations a second: `312e12`, `312TFLOP/s`.
  case speed

  /// The quantity that `text` says, in bytes, bytes a second, seconds or FLOP/s.
  /// - Parameter option: what the user wrote it for, such as `--gpu-memory`.
  /// - Throws: `PlanError` for a unit that is missing or unknown, a number that is none, not positive or beyond reason.
  public func parse(_ text: String, of option: String) throws(PlanError) -> Double {
    let number = text.prefix { "0123456789.".contains($0) }
    var rest = text.dropFirst(number.count)
    var digits = String(number)
    // An exponent counts as one only where digits follow, so that no unit is taken for it.
    if let exponent = rest.prefixMatch(of: /e[+\-]?[0-9]+/) {
      digits += exponent.output
      rest = rest.dropFirst(exponent.output.count)
    }
    guard number.wholeMatch(of: /[0-9]+(\.[0-9]+)?/) != nil, let value = Double(digits),
      let unit = units.first(where: { $0.name == rest })
    else {
      throw PlanError("\(option) takes \(description), not '\(shortened(text))'\(hint(String(rest)))")
    }
    let result = value * unit.factor
    guard result.isFinite, limits.contains(result) else {
      throw PlanError("\(option) takes \(description); '\(shortened(text))' is out of range")
    }
    return result
  }

  private var description: String {
    switch self {
    case .memory: "a size with its unit, such as 80GB or 80GiB"
    case .bandwidth: "a rate with its unit, such as 200Gb/s (bits) or 25GB/s (bytes)"
    case .duration: "a time with its unit, such as 5us"
    case .speed: "operations a second, such as 312e12 or 312TFLOP/s"
    }
  }

  private var units: KeyValueList {
    switch self {
    case .memory:
      [
        ("B", 1), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("KiB", 1024), ("MiB", 1_048_576),
        ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776),
      ]
    case .bandwidth:
      [
        ("Mb/s", 1e6 / 8), ("Gb/s", 1e9 / 8), ("Tb/s", 1e12 / 8), ("MB/s", 1e6), ("GB/s", 1e9), ("TB/s", 1e12),
        ("MiB/s", 1_048_576), ("GiB/s", 1_073_741_824),
      ]
    case .duration: [("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3), ("s", 1)]
    case .speed: [("", 1), ("GFLOP/s", 1e9), ("TFLOP/s", 1e12), ("PFLOP/s", 1e15)]
    }
  }

  private typealias KeyValueList = [(name: String, factor: Double)]

  private var limits: ClosedRange<Double> {
    switch self {
    case .memory: 1e6...1e18
    case .bandwidth: 1e3...1e18
    case .duration: 0...60
    case .speed: 1e6...1e21
    }
  }

  /// The unit that differs only in its capitals.
  private func hint(_ unit: String) -> String {
    let near = units.filter { !unit.isEmpty && $0.name.lowercased() == unit.lowercased() }.map(\.name)
    return near.isEmpty ? "" : "; did you mean \(near.joined(separator: " or "))?"
  }

  private func shortened(_ text: String) -> String {
    let visible = text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : Character($0) }
    return visible.count > 40 ? String(visible.prefix(40)) + "…" : String(visible)
  }
}
