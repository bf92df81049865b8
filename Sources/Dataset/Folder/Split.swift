// A stratified split into training and validation images.
//
// Every file gets a number from (seed, path below the root); within a class, the files with the smallest numbers go to
// training, as many as SplitRatio.numTrain says, and the rest to validation (see SplitRule for the other rule). Nothing
// depends on the order in which a file system lists names, on the other classes, or on where the root lies.

/// Which samples of an image folder are for training and which for validation.
public struct Split: Sendable, Hashable {
  /// The files of one class on either side.
  public struct ClassCounts: Sendable, Hashable, Codable {
    /// The class.
    public let name: String
    /// Files for training.
    public let numTrain: Int
    /// Files for validation.
    public let numValidation: Int
  }

  /// Indices of the samples for training, ascending.
  public let train: [Int]
  /// Indices of the samples for validation, ascending.
  public let validation: [Int]
  /// The counts of every class, in class order.
  public let counts: [ClassCounts]
  /// The images of every class in the test split that was kept beside; nil where there was none.
  public internal(set) var testCounts: [Int]?

  /// Splits the samples of a folder in memory; nothing is written. Throws `SplitError.tooSmall` where no sample is left
  /// for validation.
  public init(_ folder: ImageFolder, ratio: SplitRatio, seed: UInt64, rule: SplitRule = .exact) throws {
    try self.init(
      classes: folder.classes, labels: folder.samples.map(\.label), keys: { folder.samples[$0].relativePath },
      ratio: ratio, seed: seed, rule: rule, name: folder.root.description)
  }

  /// Splits samples by their labels and by what names each of them; `name` is that of the set, for the error.
  init(
    classes: [String], labels: [Int], keys: (Int) -> BytePath, ratio: SplitRatio, seed: UInt64, rule: SplitRule,
    name: String
  ) throws {
    var perClass = [[Int]](repeating: [], count: classes.count)
    for (index, label) in labels.enumerated() { perClass[label].append(index) }
    var train: [Int] = []
    var validation: [Int] = []
    var counts: [ClassCounts] = []
    for (label, members) in perClass.enumerated() {
      let ordered: [Int]
      let numTrain: Int
      switch rule {
      case .exact:
        ordered = Self.drawn(members, keys: keys, seed: seed)
        numTrain = ratio.numTrain(of: members.count)
      case .inclusive:
        ordered = members.map { (key: keys($0), index: $0) }.sorted { $0 < $1 }.map(\.index)
        numTrain = min(members.count, ratio.share(of: members.count) + 1)
      }
      train += ordered.prefix(numTrain)
      validation += ordered.dropFirst(numTrain)
      counts.append(
        ClassCounts(
          name: classes[label], numTrain: numTrain, numValidation: members.count - numTrain))
    }
    if validation.isEmpty { throw SplitError.tooSmall(name) }
    self.train = train.sorted()
    self.validation = validation.sorted()
    self.counts = counts
  }

  /// The samples of one class in the order of their numbers.
  private static func drawn(_ members: [Int], keys: (Int) -> BytePath, seed: UInt64) -> [Int] {
    let keyed = members.map { index in
      let key = keys(index)
      var hash = StableHash()
      hash.combine(seed)
      hash.combine(key.bytes)
      return (number: hash.value, key: key, index: index)
    }
    return keyed.sorted { ($0.number, $0.key) < ($1.number, $1.key) }.map(\.index)
  }
}

extension ImageFolder {
  /// The training and the validation part of this folder, split in memory. Both keep all classes. Throws
  /// `SplitError.tooSmall`.
  public func split(
    ratio: SplitRatio, seed: UInt64, rule: SplitRule = .exact
  ) throws -> (train: ImageFolder, validation: ImageFolder) {
    let split = try Split(self, ratio: ratio, seed: seed, rule: rule)
    return (selecting(split.train), selecting(split.validation))
  }
}
