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

  @Test func aFullChannelMakesThePusherWait() throws {
    let channel = BoundedChannel<Int>(capacity: 2)
    final class Counter: Sendable { let value = Atomic(0) }
    let counter = Counter()
    let worker = try WorkerThread {
      while channel.push(counter.value.load(ordering: .acquiring)) {
        counter.value.wrappingAdd(1, ordering: .acquiringAndReleasing)
      }
    }
    #expect(try channel.pop() == 0)
    #expect(try channel.pop() == 1)
    // Two taken, two waiting, at most one in the pusher's hands.
    #expect(counter.value.load(ordering: .acquiring) <= 4)
    channel.cancel()
    worker.join()
    #expect(try channel.pop() == nil)
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
