// What is written where: a pure function of the input and the options, whatever the number of workers or the point at
// which the work was interrupted.

/// The shards to be written, with the records that go into each.
struct ShardPlan: Sendable {
  /// The records of one part in the order in which they are written.
  struct Part: Sendable {
    /// `train` or `validation`.
    let name: String
    /// About how many bytes each record will take.
    let sizes: [Int]
    let numShards: Int
  }

  /// One shard.
  struct Shard: Sendable {
    let name: ShardName
    /// The place of its part in the plan.
    let part: Int
    /// Its records, by their place in the part.
    let records: Range<Int>
  }

  /// Records that one worker turns into bytes at a time.
  struct Chunk: Sendable {
    /// The place of the shard in the plan.
    let shard: Int
    let records: Range<Int>
    let isLast: Bool
  }

  private static let chunkBytes = 1 << 20
  private static let chunkRecords = 256

  let parts: [Part]
  let shards: [Shard]

  /// Cuts parts into shards whose numbers of records differ by one at most.
  init(_ parts: [Part]) {
    self.parts = parts
    var shards: [Shard] = []
    for (place, part) in parts.enumerated() {
      let (share, remainder) = part.sizes.count.quotientAndRemainder(dividingBy: part.numShards)
      var start = 0
      for number in 0..<part.numShards {
        let count = share + (number < remainder ? 1 : 0)
        let name = ShardName(part: part.name, number: number, total: part.numShards)
        shards.append(Shard(name: name, part: place, records: start..<start + count))
        start += count
      }
    }
    self.shards = shards
  }

  /// The number of all records.
  var numRecords: Int { parts.reduce(0) { $0 + $1.sizes.count } }

  /// A shard in pieces of about a megabyte.
  func chunks(ofShard place: Int) -> [Chunk] {
    let shard = shards[place]
    var chunks: [Chunk] = []
    var (start, bytes) = (shard.records.lowerBound, 0)
    for record in shard.records {
      bytes += parts[shard.part].sizes[record]
      let isLast = record + 1 == shard.records.upperBound
      if isLast || bytes >= Self.chunkBytes || record + 1 - start >= Self.chunkRecords {
        chunks.append(Chunk(shard: place, records: start..<record + 1, isLast: isLast))
        (start, bytes) = (record + 1, 0)
      }
    }
    return chunks
  }
}

// Into how many shards a set is cut.

/// The number of shards of each split.
public enum ShardCount: Sendable, Hashable, CustomStringConvertible {
  /// As many as give shards of about 150 MB.
  case automatic
  /// So many; no more than there are records. Without a number of its own the test split gets that of validation.
  case fixed(train: Int, validation: Int, test: Int? = nil)

  /// What an automatic shard holds, in bytes.
  static let automaticBytes = 150_000_000
  private static let maximum = 100_000

  /// Reads `auto`, `128,16,16`, `128,16`, or `128` for all splits. Throws `ShardError.badCount`.
  public init(parsing text: String) throws {
    if text == "auto" {
      self = .automatic
      return
    }
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard (1...3).contains(numbers.count), numbers.allSatisfy((1...Self.maximum).contains) else {
      throw ShardError.badCount(String(text.prefix(40)))
    }
    let validation = numbers.count > 1 ? numbers[1] : numbers[0]
    self = .fixed(train: numbers[0], validation: validation, test: numbers.count > 2 ? numbers[2] : nil)
  }

  /// `auto`, `128,16` or `128,16,16`
  public var description: String {
    switch self {
    case .automatic: "auto"
    case .fixed(let train, let validation, let test):
      "\(train),\(validation)" + (test.map { ",\($0)" } ?? "")
    }
  }

  /// The number that was asked for; nil where it follows from the size.
  func fixed(for split: SplitName) -> Int? {
    guard case .fixed(let train, let validation, let test) = self else { return nil }
    switch split {
    case .train: return train
    case .validation: return validation
    case .test: return test ?? validation
    }
  }

  /// The number for a split with so many records and bytes: at least 1, and never so many that one would be empty.
  func count(of split: SplitName, numRecords: Int, numBytes: Int) -> Int {
    let wanted = fixed(for: split) ?? (numBytes + Self.automaticBytes / 2) / Self.automaticBytes
    return max(1, min(wanted, numRecords))
  }
}

// What a user sets of shards that are written.

/// How shards are written.
public struct ShardOptions: Sendable {
  /// What is done with EXIF's orientation.
  public enum Orientation: String, Sendable, CaseIterable {
    /// The image is turned and encoded anew, where EXIF says so.
    case apply
    /// The file stays as it is; readers that honour EXIF turn it.
    case keep
  }

  /// Into how many shards.
  public var shards = ShardCount.automatic
  /// Decides the order of the training images, and a split or choice.
  public var seed: UInt64 = 0
  /// Threads that read and convert.
  public var numThreads = 2
  /// What happens at an image that cannot be used.
  public var onError = DataLoader.ErrorPolicy.skip
  /// The share of such images above which the work ends all the same.
  public var maxBadFraction = 0.01
  /// Whether records hold image and label only.
  public var isMinimal = false
  /// What is done with EXIF's orientation.
  public var orientation = Orientation.apply
  /// The quality of JPEGs that are encoded anew, 1 to 100.
  public var quality = 100
  /// How a folder without a validation part is split; nil: all images are for training.
  public var split: SplitRatio?

  /// The defaults.
  public init() {}
}
