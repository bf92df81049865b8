// Results of work that several threads do, in the order of the work.

import Synchronization

/// One slot for each of a number of results. May be used from any thread.
final class ResultSlots<Value: Sendable>: Sendable {
  private let slots: Mutex<[Value?]>

  init(count: Int) { slots = Mutex(Array(repeating: nil, count: count)) }

  /// The result at a place.
  subscript(index: Int) -> Value? {
    get { slots.withLock { $0[index] } }
    set { slots.withLock { $0[index] = newValue } }
  }

  /// All results, in order; slots without one are left out.
  var values: [Value] { slots.withLock { $0.compactMap(\.self) } }
}
