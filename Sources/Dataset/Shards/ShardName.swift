// The name of a shard: PART-00007-of-00128.

/// The parts of a shard's name.
struct ShardName: Hashable, Sendable, CustomStringConvertible {
  /// What stands before the numbers: `train`, `validation`.
  let part: String
  /// Its number, from 0.
  let number: Int
  /// How many shards the set has.
  let total: Int

  init(part: String, number: Int, total: Int) {
    self.part = part
    self.number = number
    self.total = total
  }

  /// Reads a file's name; nil where it is not that of a shard.
  init?(_ name: BytePath) {
    guard let text = String(validating: name.bytes, as: UTF8.self),
      let match = text.wholeMatch(of: /(.+)-([0-9]{1,7})-of-([0-9]{1,7})/),
      let number = Int(match.2), let total = Int(match.3), number < total
    else { return nil }
    self.init(part: String(match.1), number: number, total: total)
  }

  /// `train-00007-of-00128`
  var description: String { "\(part)-\(Self.padded(number))-of-\(Self.padded(total))" }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}
