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
