// A queue between threads that holds a bounded number of elements.
//
// `push` takes its element as `sending`: the pusher cannot touch it afterwards, so that whatever pops it owns it. An
// error pushed with `fail` arrives after the elements before it and then at every further pop: a consumer never waits
// for a producer that has died.

/// A bounded first-in, first-out queue. All methods may be called from any thread.
public final class BoundedChannel<Element>: @unchecked Sendable {
  private enum End {
    case closed
    case failed(any Error)
  }

  /// The number of elements that can wait.
  public let capacity: Int
  private let condition = Condition()
  private var elements: [Element?]
  private var head = 0
  private var count = 0
  private var end: End?

  /// An empty channel that holds up to `capacity` elements, at least 1.
  public init(capacity: Int) {
    precondition(capacity >= 1, "a channel holds at least one element")
    self.capacity = capacity
    elements = Array(repeating: nil, count: capacity)
  }

  /// Adds an element, waiting while the channel is full. False, and the element is dropped, once the channel has ended.
  @discardableResult
  public func push(_ element: sending Element) -> Bool {
    // Only the one thread that pops it will see the element again.
    nonisolated(unsafe) let element = element
    return condition.withLock {
      while count == capacity && end == nil { condition.wait() }
      if end != nil { return false }
      elements[(head + count) % capacity] = element
      count += 1
      condition.broadcast()
      return true
    }
  }

  /// Takes the oldest element, waiting while there is none. Nil once the channel is closed and empty; throws the error
  /// of `fail` once the elements before it are gone.
  public func pop() throws -> sending Element? {
    nonisolated(unsafe) var element: Element?
    try condition.withLock {
      while count == 0 && end == nil { condition.wait() }
      if count > 0 {
        swap(&element, &elements[head])
        head = (head + 1) % capacity
        count -= 1
        condition.broadcast()
      } else if case .failed(let error) = end {
        throw error
      }
    }
    return element
  }

  /// Ends the channel: what is in it can still be popped, nothing more can be pushed. Without effect after an end.
  public func close() { finish(.closed) }

  /// Ends the channel with an error, which follows what is in it. Without effect after an end.
  public func fail(_ error: any Error) { finish(.failed(error)) }

  /// Ends the channel and drops what is in it. Threads that wait go on.
  public func cancel() {
    // Elements are freed outside the lock, since freeing runs code of theirs.
    nonisolated(unsafe) var dropped: [Element?] = []
    condition.withLock {
      swap(&dropped, &elements)
      elements = Array(repeating: nil, count: capacity)
      count = 0
      end = .closed
      condition.broadcast()
    }
  }

  private func finish(_ newEnd: End) {
    condition.withLock {
      if end == nil { end = newEnd }
      condition.broadcast()
    }
  }
}
