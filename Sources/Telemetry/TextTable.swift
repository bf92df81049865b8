// Plain aligned tables.

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
