// Into how many shards a set is cut.

/// The number of shards of the training and the validation part.
public enum ShardCount: Sendable, Hashable, CustomStringConvertible {
  /// As many as give shards of about 150 MB.
  case automatic
  /// So many; no more than there are records.
  case fixed(train: Int, validation: Int)

  /// What an automatic shard holds, in bytes.
  static let automaticBytes = 150_000_000
  private static let maximum = 100_000

  /// Reads `auto`, `128,16`, or `128` for both parts. Throws `ShardError.badCount`.
  public init(parsing text: String) throws {
    if text == "auto" {
      self = .automatic
      return
    }
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(numbers.count), let train = numbers[0], let validation = numbers[numbers.count - 1],
      (1...Self.maximum).contains(train), (1...Self.maximum).contains(validation)
    else { throw ShardError.badCount(String(text.prefix(40))) }
    self = .fixed(train: train, validation: validation)
  }

  /// `auto` or `128,16`
  public var description: String {
    switch self {
    case .automatic: "auto"
    case .fixed(let train, let validation): "\(train),\(validation)"
    }
  }

  /// The number for a part with so many records and bytes: at least 1, and never so many that one would be empty.
  func count(validation isValidation: Bool, numRecords: Int, numBytes: Int) -> Int {
    let wanted =
      switch self {
      case .automatic: (numBytes + Self.automaticBytes / 2) / Self.automaticBytes
      case .fixed(let train, let validation): isValidation ? validation : train
      }
    return max(1, min(wanted, numRecords))
  }
}
