// Writes the flowers set as an image folder, on several threads.

import Synchronization

extension FlowersSample {
  private struct Progress {
    var next = 0
    var numDone = 0
    var failure: (any Error)?
  }

  /// What the threads share; a class, because a mutex cannot be captured.
  private final class Shared: Sendable {
    let progress = Mutex(Progress())
  }

  /// Writes the set as `out/CLASS/CLASS-NUMBER.jpg` on this many threads; the files are the same whatever their number.
  /// `progress` hears the number of images done, one thread at a time, and ends the work by throwing. `out` is either
  /// whole or not there. Throws `SampleDataError` where it is not empty, `FileError` where it cannot be written.
  public func write(
    to out: BytePath, threads: Int, progress: (@Sendable (_ numDone: Int) throws -> Void)? = nil
  ) throws {
    precondition(threads > 0, "at least one thread is needed, got \(threads)")
    try StagedFolder.write(to: StagedFolder.target(of: out) { SampleDataError($0, out) }) { staging in
      for name in Self.classes { try FileTree.makeFolders(staging.appending(BytePath(name))) }
      let shared = Shared()
      var workers: [WorkerThread] = []
      for _ in 1..<min(threads, count) {
        // Where the system grants fewer threads, those that there are draw the same pictures.
        guard let worker = try? WorkerThread({ work(shared, staging, progress) }) else { break }
        workers.append(worker)
      }
      work(shared, staging, progress)
      for worker in workers { worker.join() }
      if let failure = shared.progress.withLock({ $0.failure }) { throw failure }
    }
  }

  private func work(_ shared: Shared, _ staging: BytePath, _ progress: (@Sendable (Int) throws -> Void)?) {
    while true {
      let claimed = shared.progress.withLock { state -> Int? in
        guard state.failure == nil, state.next < count else { return nil }
        state.next += 1
        return state.next - 1
      }
      guard let index = claimed else { return }
      do {
        try FileWriter.writeNew(jpeg(at: index), to: staging.appending(BytePath(path(at: index))))
        try shared.progress.withLock { state in
          state.numDone += 1
          try progress?(state.numDone)
        }
      } catch {
        shared.progress.withLock { state in if state.failure == nil { state.failure = error } }
        return
      }
    }
  }
}
