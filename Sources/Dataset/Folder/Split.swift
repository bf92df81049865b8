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

// A ratio of training to validation images, such as 4:1.

/// How many parts of a set are for training and how many for validation.
public struct SplitRatio: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Parts for training, at least 1.
  public let train: Int
  /// Parts for validation, at least 1.
  public let validation: Int

  /// A ratio of two positive numbers of parts up to a million.
  public init(train: Int, validation: Int) {
    precondition(Self.isValid(train) && Self.isValid(validation), "a ratio needs parts of 1 to 1000000")
    self.train = train
    self.validation = validation
  }

  /// Reads `4:1`. Throws a `SplitError` for anything but two numbers from 1 to 1000000.
  public init(parsing text: String) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let train = parts[0], let validation = parts[1], Self.isValid(train),
      Self.isValid(validation)
    else { throw SplitError.badRatio(String(text.prefix(40))) }
    self.init(train: train, validation: validation)
  }

  /// Reads the ratio from one string.
  public init(from decoder: any Decoder) throws {
    try self.init(parsing: decoder.singleValueContainer().decode(String.self))
  }

  /// Writes the ratio as one string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// `4:1`
  public var description: String { "\(train):\(validation)" }

  /// How many of `count` files of a class go to training: the share rounded down, but at least one file on each side
  /// where there are two or more. A single file goes to training.
  public func numTrain(of count: Int) -> Int {
    count < 2 ? count : min(max(share(of: count), 1), count - 1)
  }

  /// The training share of `count` files, rounded down.
  func share(of count: Int) -> Int {
    (train + validation).dividingFullWidth(count.multipliedFullWidth(by: train)).quotient
  }

  private static func isValid(_ part: Int) -> Bool { (1...1_000_000).contains(part) }
}

// Which files of a class a split sends to training.

/// How a split chooses among the files of a class.
public enum SplitRule: String, Sendable, Hashable, Codable, CaseIterable {
  /// Files drawn by the seed, as many as `SplitRatio.numTrain` says.
  case exact
  /// The first files in the order of their names, and one more than the share: the loop `for i, name in enumerate(names):
  /// if i <= floor(n * share)` of a published tutorial (see docs/compat.md). 3,670 flowers become 2,939 and 731, not 2,934
  /// and 736. Nothing is drawn, so a class whose files are sorted by date or camera is split by date or camera.
  case inclusive
}

// Writes a split as a folder in ImageNet's layout.

extension Split {
  /// How the files reach the output folder.
  public enum Placement: String, Codable, Sendable, CaseIterable {
    /// A copy of the bytes.
    case copy
    /// A second name for the same file; both folders must lie on one file system.
    case hardLink = "hard-link"
  }

  /// Splits the images of `raw` (CLASS/..., or train/CLASS/...) and writes them as `out/train/CLASS/...` and
  /// `out/validation/CLASS/...`. A test split is not divided: it becomes `out/test/CLASS/...`.
  /// All is written into a hidden folder beside `out`, which takes its name at the end, so that `out` is either whole or
  /// not there, however the process ends; nothing is forced to the disk. `progress` hears how many of how many images
  /// are in place, and ends the work by throwing. Throws `ImageFolderError`, `SplitError` (an output that is not empty is
  /// refused) or `FileError`.
  @discardableResult
  public static func write(
    _ raw: BytePath, to out: BytePath, ratio: SplitRatio, seed: UInt64, rule: SplitRule = .exact,
    placement: Placement = .copy, progress: ((_ numDone: Int, _ numImages: Int) throws -> Void)? = nil
  ) throws -> Split {
    let target = try StagedFolder.target(of: out) {
      $0 == .notEmpty ? SplitError.outputNotEmpty(out.description) : SplitError.outputNotAFolder(out.description)
    }
    let layout = try ImageFolderLayout.find(raw)
    if layout.validation != nil { throw SplitError.alreadySplit(raw.description) }
    let folder = try ImageFolder(root: layout.requireTrain())
    let test = try layout.test.map { try ImageFolder(root: $0, classes: folder.classes) }
    var split = try Split(folder, ratio: ratio, seed: seed, rule: rule)
    split.testCounts = test?.numSamplesPerClass
    let source = try FileTree.resolve(raw)
    if target.isInside(source) || source.isInside(target) {
      throw SplitError.outputOverlapsInput(output: out.description, input: raw.description)
    }
    var numDone = 0
    func advance() throws {
      numDone += 1
      try progress?(numDone, folder.samples.count + (test?.samples.count ?? 0))
    }
    try StagedFolder.write(to: target) { staging in
      try place(split.train, of: folder, in: staging.appending("train"), placement, advance)
      try place(split.validation, of: folder, in: staging.appending("validation"), placement, advance)
      if let test {
        try place(Array(test.samples.indices), of: test, in: staging.appending("test"), placement, advance)
      }
    }
    return split
  }

  private static func place(
    _ indices: [Int], of folder: ImageFolder, in target: BytePath, _ placement: Placement,
    _ advance: () throws -> Void
  ) throws {
    var made: Set<BytePath> = []
    for index in indices {
      let path = target.appending(folder.samples[index].relativePath)
      if made.insert(path.parent).inserted { try FileTree.makeFolders(path.parent) }
      switch placement {
      case .copy: try FileWriter.copy(folder.path(at: index), to: path)
      case .hardLink: try FileWriter.hardLink(folder.path(at: index), to: path)
      }
      try advance()
    }
  }
}

// Why a set could not be split.

/// A split that was refused.
public enum SplitError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The text is no ratio.
  case badRatio(String)
  /// Something stands already where the split should be written.
  case outputNotEmpty(String)
  /// The path for the output is that of a file.
  case outputNotAFolder(String)
  /// The output would lie within the images to be split, or hold them.
  case outputOverlapsInput(output: String, input: String)
  /// The images are split already.
  case alreadySplit(String)
  /// No class has the two files that a validation set needs.
  case tooSmall(String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .badRatio(let text):
      "'\(text)' is not a ratio; write training to validation as two whole numbers, such as 4:1"
    case .outputNotEmpty(let path):
      "'\(path)' is not empty, and a split never mixes with older files; choose a new folder or remove it"
    case .outputNotAFolder(let path):
      "'\(path)' is a file; choose a folder to write the split into"
    case .outputOverlapsInput(let output, let input):
      "'\(output)' and the images in '\(input)' lie one within the other; choose an output folder outside"
    case .alreadySplit(let path):
      "'\(path)' has a training and a validation split already; give the folder that holds all images of a class"
    case .tooSmall(let path):
      "no class of '\(path)' has two images, so that nothing is left for validation; add images"
    }
  }
}
