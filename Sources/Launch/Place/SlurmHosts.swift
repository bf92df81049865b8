/// SLURM's short forms of lists.
enum SlurmHosts {
  /// The hosts of a list such as `rack[1-2]n[01-03,7],login`, in its order, not more than `limit` of them; nil where
  /// the list is none. A range of any length costs only what is taken from it.
  static func expand(_ list: String, atMost limit: Int) -> [String]? {
    guard list.utf8.count <= 1 << 16, let entries = split(list) else { return nil }
    var hosts: [String] = []
    for entry in entries {
      guard let parts = parts(of: entry) else { return nil }
      var expanded = [""]
      for part in parts {
        var longer: [String] = []
        for prefix in expanded where longer.count < limit {
          longer += part.first(limit - longer.count).map { prefix + $0 }
        }
        expanded = longer
      }
      guard expanded.allSatisfy({ VariableReader.isHost($0) }) else { return nil }
      hosts += expanded.prefix(limit - hosts.count)
    }
    return hosts
  }

  /// Splits at the commas that no bracket holds; nil where brackets do not match or an entry is empty.
  private static func split(_ list: String) -> [Substring]? {
    var entries: [Substring] = []
    var isInside = false
    var start = list.startIndex
    for index in list.indices {
      switch list[index] {
      case "[":
        guard !isInside else { return nil }
        isInside = true
      case "]":
        guard isInside else { return nil }
        isInside = false
      case "," where !isInside:
        entries.append(list[start..<index])
        start = list.index(after: index)
      default: break
      }
    }
    guard !isInside else { return nil }
    entries.append(list[start...])
    return entries.contains(where: \.isEmpty) ? nil : entries
  }

  /// Plain text, or the inside of a bracket.
  private enum Part {
    case text(Substring)
    /// First and last number, and the digits that a number has at least.
    case ranges([(first: Int, last: Int, width: Int)])

    func first(_ count: Int) -> [String] {
      switch self {
      case .text(let text): return count > 0 ? [String(text)] : []
      case .ranges(let ranges):
        var numbers: [String] = []
        for range in ranges where numbers.count < count {
          for number in range.first...min(range.last, range.first + count - numbers.count - 1) {
            let digits = String(number)
            numbers.append(String(repeating: "0", count: max(0, range.width - digits.count)) + digits)
          }
        }
        return numbers
      }
    }
  }

  private static func parts(of entry: Substring) -> [Part]? {
    var parts: [Part] = []
    var rest = entry
    while let open = rest.firstIndex(of: "[") {
      guard let close = rest[open...].firstIndex(of: "]"), parts.count < 16 else { return nil }
      if open > rest.startIndex { parts.append(.text(rest[..<open])) }
      var ranges: [(first: Int, last: Int, width: Int)] = []
      for item in rest[rest.index(after: open)..<close].split(separator: ",", omittingEmptySubsequences: false) {
        let ends = item.split(separator: "-", omittingEmptySubsequences: false)
        guard (1...2).contains(ends.count), let first = VariableReader.number(ends[0]),
          let last = VariableReader.number(ends[ends.count - 1]), first <= last
        else { return nil }
        ranges.append((first, last, ends[0].utf8.count))
      }
      parts.append(.ranges(ranges))
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { parts.append(.text(rest)) }
    return parts
  }

  /// Numbers of tasks by node: `2(x3),1` are three nodes with two tasks, and one with one.
  struct TaskCounts {
    private let runs: [(count: Int, nodes: Int)]

    init?(_ text: String) {
      guard text.utf8.count <= 1 << 16 else { return nil }
      var runs: [(Int, Int)] = []
      for item in text.split(separator: ",", omittingEmptySubsequences: false) {
        let halves = item.split(separator: "(", maxSplits: 1, omittingEmptySubsequences: false)
        guard let count = VariableReader.number(halves[0]) else { return nil }
        guard halves.count == 2 else {
          runs.append((count, 1))
          continue
        }
        guard halves[1].hasPrefix("x"), halves[1].hasSuffix(")"),
          let nodes = VariableReader.number(halves[1].dropFirst().dropLast()), nodes > 0,
          nodes <= VariableReader.greatestSize
        else { return nil }
        runs.append((count, nodes))
      }
      self.runs = runs
    }

    /// The tasks of a node by its number; nil where there are fewer nodes.
    subscript(node: Int) -> Int? {
      var rest = node
      for run in runs {
        if rest < run.nodes { return run.count }
        rest -= run.nodes
      }
      return nil
    }
  }
}
