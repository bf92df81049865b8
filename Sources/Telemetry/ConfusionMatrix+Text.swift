// Tables for people.

extension ConfusionMatrix {
  /// Precision, recall and number of samples of every class, as a table.
  public var classTable: String {
    func percent(_ value: Double?) -> String { value.map { formatted(100 * $0, decimals: 1) } ?? "-" }
    var table = TextTable(["class", "precision %", "recall %", "samples"], alignment: [.left, .right, .right, .right])
    for (index, name) in classes.enumerated() {
      table.append([name, percent(precision(of: index)), percent(recall(of: index)), "\(support(of: index))"])
    }
    return table.text
  }

  /// The counts as a table, true classes down and predicted ones across; above a number of classes the most frequent
  /// confusions instead.
  public func text(maximumClasses: Int = 20, maximumConfusions: Int = 20) -> String {
    if classes.count <= maximumClasses {
      var table = TextTable(
        ["true \\ predicted"] + classes, alignment: [.left] + Array(repeating: .right, count: classes.count))
      for (index, row) in rows.enumerated() { table.append([classes[index]] + row.map { "\($0)" }) }
      return table.text
    }
    var table = TextTable(["true", "predicted", "count"], alignment: [.left, .left, .right])
    for confusion in worstConfusions(maximumConfusions) {
      table.append([classes[confusion.target], classes[confusion.prediction], "\(confusion.count)"])
    }
    return table.text
  }
}
