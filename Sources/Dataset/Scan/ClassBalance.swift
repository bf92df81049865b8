// How many samples each class has, and what is odd about that.

/// The number of samples of each class on each side of a set. Bad samples don't count.
public struct ClassBalance: Sendable, Hashable {
  /// The names of the sides.
  public let parts: [String]
  /// The names of the classes, in the order of their numbers.
  public let classes: [String]
  /// The samples by side and class.
  public let counts: [[Int]]

  init(_ parts: [DatasetScan.Part], facts: [[SampleFacts]]) {
    var classes: [String] = []
    var numbers: [String: Int] = [:]
    func number(_ name: String) -> Int {
      if let known = numbers[name] { return known }
      numbers[name] = classes.count
      classes.append(name)
      return classes.count - 1
    }
    for part in parts { for name in part.source.classes { _ = number(name) } }
    var counts: [[Int: Int]] = []
    for (part, facts) in zip(parts, facts) {
      var count: [Int: Int] = [:]
      for (index, fact) in facts.enumerated() where fact.verdict == .good {
        count[number(part.source.className(at: index)), default: 0] += 1
      }
      counts.append(count)
    }
    self.parts = parts.map(\.name)
    self.classes = classes
    self.counts = counts.map { count in classes.indices.map { count[$0] ?? 0 } }
  }

  /// The samples of every class on all sides together.
  public var totals: [Int] { classes.indices.map { index in counts.reduce(0) { $0 + $1[index] } } }

  /// The samples of the largest class over those of the smallest that has any; nil where no class has any.
  public var ratio: Double? {
    let present = totals.filter { $0 > 0 }
    guard let largest = present.max(), let smallest = present.min() else { return nil }
    return Double(largest) / Double(smallest)
  }

  func items(maxRatio: Double) -> [ScanFinding.Kind: [ScanFinding.Item]] {
    var items: [ScanFinding.Kind: [ScanFinding.Item]] = [:]
    func add(_ kind: ScanFinding.Kind, _ subject: String, _ detail: String) {
      items[kind, default: []].append(.init(samples: [], subject: subject, detail: detail))
    }
    let totals = totals
    for (index, name) in classes.enumerated() {
      let present = parts.indices.filter { counts[$0][index] > 0 }
      if present.isEmpty {
        add(.classWithoutImages, name, "no image that can be used")
      } else if present.count < parts.count {
        add(.classInOneSplit, name, "\(totals[index]) images in \(present.map { parts[$0] }.joined(separator: ", "))")
      }
    }
    if let ratio, ratio > maxRatio, let most = totals.max(), let least = totals.filter({ $0 > 0 }).min(),
      let largest = totals.firstIndex(of: most), let smallest = totals.firstIndex(of: least)
    {
      add(.unbalanced, classes[largest], "\(most) images, '\(classes[smallest])' has \(least)")
    }
    for gap in gaps { add(.labelGap, gap, "no class of this number") }
    return items
  }

  /// The numbers that are missing between the smallest and the largest, where all classes are called by numbers.
  private var gaps: [String] {
    let numbers = classes.compactMap { name in name.allSatisfy(\.isASCII) ? Int(name) : nil }.sorted()
    guard numbers.count == classes.count, numbers.first.map({ $0 >= 0 }) == true else { return [] }
    return zip(numbers, numbers.dropFirst()).compactMap { before, after in
      switch after - before {
      case ...1: nil
      case 2: "\(before + 1)"
      default: "\(before + 1)-\(after - 1)"
      }
    }
  }
}
