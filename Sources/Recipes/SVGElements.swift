// What pictures are made of: SVG elements as text, for files without scripts, fonts or references.

import Foundation

/// Writes single elements.
enum SVGElements {
  /// The start of a picture on white.
  static func head(width: Int, height: Int) -> [String] {
    [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" viewBox=\"0 0 \(width) \(height)\" "
        + "font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">",
      "<rect width=\"\(width)\" height=\"\(height)\" fill=\"#fff\"/>",
    ]
  }

  /// A straight line, with further attributes.
  static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: String, _ more: String = ""
  ) -> String {
    "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" stroke=\"\(color)\"\(more)/>"
  }

  /// A text with its base line at `y`, with further attributes.
  static func text(_ text: String, x: Double, y: Double, _ more: String) -> String {
    "<text x=\"\(number(x))\" y=\"\(number(y))\"\(more)>\(escaped(text))</text>"
  }

  /// A filled rectangle whose tooltip is `title`.
  static func rectangle(
    x: Double, y: Double, width: Double, height: Double, _ color: String, title: String, _ more: String = ""
  ) -> String {
    "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\" "
      + "fill=\"\(color)\"\(more)><title>\(escaped(title))</title></rect>"
  }

  /// A coordinate.
  static func number(_ value: Double) -> String { String(format: "%.4f", value) }

  /// A text without what means something in XML.
  static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
  }
}
