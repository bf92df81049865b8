// Plain aligned tables.

import Foundation

/// A table of texts in aligned columns, two spaces apart.
public struct TextTable: Sendable {
  /// On which side of its column a text stands.
  public enum Alignment: Sendable {
    /// At the left.
    case left
    /// At the right.
    case right
  }

  private let alignment: [Alignment]
  private var rows: [[String]]

  /// Creates a table of a heading.
  public init(_ heading: [String], alignment: [Alignment]) {
    precondition(heading.count == alignment.count, "A table needs an alignment for each of its columns")
    self.alignment = alignment
    rows = [heading.map(printable)]
  }

  /// Adds a row; control characters in it are escaped.
  public mutating func append(_ row: [String]) {
    precondition(row.count == alignment.count, "A row of \(row.count) in a table of \(alignment.count) columns")
    rows.append(row.map(printable))
  }

  /// The rows, each ended by a newline, without spaces at their ends.
  public var text: String {
    let widths = alignment.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return alignment[column] == .left ? row[column] + padding : padding + row[column]
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}

// How numbers, durations and foreign texts are shown to people.

/// A number with a fixed count of decimals.
func formatted(_ value: Double, decimals: Int) -> String {
  value.isFinite ? String(format: "%.\(decimals)f", value) : "\(value)"
}

/// A number in exponent form with three significant digits.
func scientific(_ value: Double) -> String {
  value.isFinite ? String(format: "%.2e", value) : "\(value)"
}

/// A number with three significant digits, without an exponent where it is neither tiny nor huge.
func significant(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return "\(value)" }
  let magnitude = Int(log10(abs(value)).rounded(.down))
  return (-4...9).contains(magnitude) ? formatted(value, decimals: max(0, 2 - magnitude)) : scientific(value)
}

/// A text with spaces before it up to a length.
func leftPadded(_ text: String, to length: Int) -> String {
  String(repeating: " ", count: max(0, length - text.count)) + text
}

/// A duration as `0:07`, `12:34` or `1:02:03`.
func durationText(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "--:--" }
  let whole = Int(seconds.rounded())
  let (hours, minutes) = (whole / 3600, whole / 60 % 60)
  return hours > 0
    ? String(format: "%d:%02d:%02d", hours, minutes, whole % 60) : String(format: "%d:%02d", minutes, whole % 60)
}

/// A text from outside in a form that is safe to show: control characters and the like are escaped.
public func printable(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: result += scalar.escaped(asASCII: true)
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
