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

// How large the images of a set are.

/// How large images and files are.
public struct ScanSizes: Sendable, Hashable {
  /// Smallest, middle and largest value, and how many values lie where.
  public struct Distribution: Sendable, Hashable {
    /// The smallest value; 0 where there is none.
    public let minimum: Int
    /// The value in the middle of all, the lower of two.
    public let median: Int
    /// The largest value.
    public let maximum: Int
    /// The number of values from each lower bound up to the next; the last bound has no end.
    public let bins: [Bin]

    init(_ values: [Int], bounds: [Int]) {
      let sorted = values.sorted()
      minimum = sorted.first ?? 0
      median = sorted.isEmpty ? 0 : sorted[(sorted.count - 1) / 2]
      maximum = sorted.last ?? 0
      var counts = [Int](repeating: 0, count: bounds.count)
      for value in values { counts[bounds.lastIndex { $0 <= value } ?? 0] += 1 }
      bins = zip(bounds, counts).map { Bin(from: $0, count: $1) }
    }
  }

  /// The number of values between two bounds.
  public struct Bin: Sendable, Hashable {
    /// The smallest value that belongs here.
    public let from: Int
    /// The number of values.
    public let count: Int
  }

  /// The number of samples.
  public let numSamples: Int
  /// The bytes of all files.
  public let totalBytes: Int
  /// Width as shown, in pixels.
  public let width: Distribution
  /// Height as shown, in pixels.
  public let height: Distribution
  /// The shorter side, in pixels.
  public let shortSide: Distribution
  /// The file, in bytes, of those that could be read.
  public let bytes: Distribution

  static let sideBounds = [0, 32, 64, 128, 256, 512, 1024, 2048, 4096]
  static let byteBounds = [0, 1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24]

  init(_ facts: [[SampleFacts]]) {
    let all = facts.joined().filter { $0.verdict != .moved }
    let measured = all.filter { $0.width > 0 }
    numSamples = all.count
    totalBytes = all.reduce(0) { $0 + $1.numBytes }
    width = Distribution(measured.map { Int($0.width) }, bounds: Self.sideBounds)
    height = Distribution(measured.map { Int($0.height) }, bounds: Self.sideBounds)
    shortSide = Distribution(measured.map(\.shortSide), bounds: Self.sideBounds)
    bytes = Distribution(all.filter { $0.fileHash != nil }.map(\.numBytes), bounds: Self.byteBounds)
  }
}
