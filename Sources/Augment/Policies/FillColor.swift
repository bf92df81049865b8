import Settings

/// A colour as settings give it: one number for all channels or three, 0 to 255.
enum FillColor {
  /// The colour of a list that has been checked.
  static func color(_ numbers: [Int]) -> (UInt8, UInt8, UInt8) {
    (UInt8(numbers[0]), UInt8(numbers[numbers.count / 2]), UInt8(numbers[numbers.count - 1]))
  }

  /// Reports a list that is no colour.
  static func check(_ numbers: [Int], at key: String, _ issues: inout IssueCollector) {
    issues.check(
      (numbers.count == 1 || numbers.count == 3) && numbers.allSatisfy { (0...255).contains($0) }, key,
      found: numbers, "one or three whole numbers from 0 to 255")
  }
}
