import Synchronization
import Testing

@testable import Dataset

struct MemoryBudgetTests {
  /// Eight threads with files and pixels of all sizes, some above the limit: never more than the limit and one large
  /// image at a time, and nobody waits for ever.
  @Test(.timeLimit(.minutes(1))) func staysBelowTheLimitAndEnds() throws {
    let budget = MemoryBudget(limit: 100)
    let held = Mutex((now: 0, most: 0))
    @Sendable func change(_ count: Int) {
      held.withLock {
        $0.now += count
        $0.most = max($0.most, $0.now)
      }
    }
    let threads = try (0..<8).map { thread in
      try WorkerThread {
        for round in 0..<200 {
          let file = 1 + (round * 7 + thread * 13) % 40
          let pixels = (round + thread) % 50 == 0 ? 400 : 1 + (round * 11 + thread) % 90
          budget.withFile(file) {
            change(file)
            budget.withPixels(pixels) {
              change(pixels)
              change(-pixels)
            }
            change(-file)
          }
        }
      }
    }
    for thread in threads { thread.join() }
    let end = held.withLock { $0 }
    #expect(end.now == 0)
    #expect(end.most > 400)
    #expect(end.most <= 500)
  }
}
