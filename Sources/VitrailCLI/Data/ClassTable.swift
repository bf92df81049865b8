import Telemetry

/// How many images each class has, for people.
enum ClassTable {
  /// One row per class and one for all; `columns` are the parts of the set, `counts` their images by class.
  static func text(classes: [String], columns: [String], counts: [[Int]]) -> String {
    var table = TextTable(["class"] + columns, alignment: [.left] + columns.map { _ in .right })
    for (index, name) in classes.enumerated() { table.append([name] + counts.map { "\($0[index])" }) }
    table.append(["all"] + counts.map { "\($0.reduce(0, +))" })
    return table.text
  }
}
