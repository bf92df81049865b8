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
