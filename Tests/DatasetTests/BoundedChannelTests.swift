import Foundation
import Synchronization
import Testing

@testable import Dataset

struct BoundedChannelTests {
  private struct Broken: Error {}

  @Test(.timeLimit(.minutes(1))) func keepsOrderAndBound() throws {
    let channel = BoundedChannel<Int>(capacity: 3)
    let worker = try WorkerThread {
      for number in 0..<1000 {
        channel.push(number)
      }
      channel.close()
    }
    var received: [Int] = []
    while let number = try channel.pop() { received.append(number) }
    worker.join()
    #expect(received == Array(0..<1000))
  }

  /// Elements are counted from their making to their end. The consumer takes one only when the channel is full and the
  /// pusher holds one more, and gives the pusher all chances to make another.
  @Test(.timeLimit(.minutes(1)), arguments: [1, 2, 5]) func aFullChannelMakesThePusherWait(capacity: Int) throws {
    final class Counter: Sendable {
      let numAlive = Atomic(0)
      let most = Atomic(0)
    }
    final class Token {
      let counter: Counter
      init(_ counter: Counter) {
        self.counter = counter
        let numAlive = counter.numAlive.wrappingAdd(1, ordering: .relaxed).newValue
        counter.most.max(numAlive, ordering: .relaxed)
      }
      deinit { counter.numAlive.wrappingSubtract(1, ordering: .relaxed) }
    }
    let counter = Counter()
    let channel = BoundedChannel<Token>(capacity: capacity)
    let worker = try WorkerThread { while channel.push(Token(counter)) {} }
    for _ in 0..<50 {
      while counter.numAlive.load(ordering: .relaxed) < capacity + 1 { sched_yield() }
      for _ in 0..<1000 { sched_yield() }
      #expect(counter.numAlive.load(ordering: .relaxed) == capacity + 1)
      _ = try channel.pop()
    }
    channel.cancel()
    worker.join()
    // While one was taken, another was made.
    #expect(counter.most.load(ordering: .relaxed) <= capacity + 2)
    #expect(counter.numAlive.load(ordering: .relaxed) == 0)
  }

  @Test func failureFollowsWhatIsThere() throws {
    let channel = BoundedChannel<Int>(capacity: 4)
    channel.push(1)
    channel.fail(Broken())
    channel.close()
    #expect(channel.push(2) == false)
    #expect(try channel.pop() == 1)
    #expect(throws: Broken.self) { try channel.pop() }
    #expect(throws: Broken.self) { try channel.pop() }
  }

  @Test(.timeLimit(.minutes(1))) func failureWakesAConsumerThatWaits() throws {
    let channel = BoundedChannel<Int>(capacity: 1)
    let worker = try WorkerThread { channel.fail(Broken()) }
    #expect(throws: Broken.self) { try channel.pop() }
    worker.join()
  }

  @Test func elementsAreFreedOnce() throws {
    final class Counter: Sendable { let value = Atomic(0) }
    final class Token {
      let counter: Counter
      init(_ counter: Counter) { self.counter = counter }
      deinit { counter.value.wrappingAdd(1, ordering: .relaxed) }
    }
    let counter = Counter()
    var numFreed: Int { counter.value.load(ordering: .relaxed) }
    let channel = BoundedChannel<Token>(capacity: 4)
    for _ in 0..<3 { channel.push(Token(counter)) }
    do { _ = try channel.pop() }
    #expect(numFreed == 1)
    channel.cancel()
    #expect(numFreed == 3)
    channel.push(Token(counter))
    #expect(numFreed == 4)
  }
}
