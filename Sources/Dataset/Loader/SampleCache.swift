// What a loader keeps in memory from one epoch to the next.

import Augment

/// Encoded or decoded samples, kept from their first use until a limit on the bytes is reached. Nothing is ever thrown
/// out: every epoch uses each sample once, so that whatever left would be missed just as often as what took its place.
final class SampleCache<Value: Sendable>: @unchecked Sendable {
  private let byteLimit: Int
  private let condition = Condition()
  private var values: [Int: Value] = [:]
  private var numBytes = 0

  init(byteLimit: Int) { self.byteLimit = byteLimit }

  /// The sample at `index`, made by `make` where it is not kept.
  func value(at index: Int, byteCount: (Value) -> Int, make: () throws -> Value) rethrows -> Value {
    if let value = condition.withLock({ values[index] }) { return value }
    let value = try make()
    let count = byteCount(value)
    condition.withLock {
      if numBytes + count <= byteLimit, values.updateValue(value, forKey: index) == nil { numBytes += count }
    }
    return value
  }
}
