// How numbers, durations and foreign texts are shown to people.

import Foundation

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
