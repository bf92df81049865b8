// A checkpoint that is written while training goes on: the parts of it that run on a thread of their own. They make no
// exchange between ranks, and tell no hook; `Trainer.followSave` does, on the trainer's thread.
import Checkpoint
import Foundation
import Synchronization
import Torch

/// Work on a thread of its own, whose outcome another thread asks for.
final class BackgroundWork<Value: Sendable>: Sendable {
  private let outcome = Mutex<Result<Value, any Error>?>(nil)
  private let end = DispatchGroup()

  /// Starts it.
  /// - Parameter isInBackground: whether it has its own thread; otherwise it is over when this returns.
  init(isInBackground: Bool, _ body: @escaping @Sendable () throws -> Value) {
    end.enter()
    if isInBackground {
      Thread { self.finish(body) }.start()
    } else {
      finish(body)
    }
  }

  private func finish(_ body: () throws -> Value) {
    let result = Result { try body() }
    outcome.withLock { $0 = result }
    end.leave()
  }

  /// Whether `value` would not wait.
  var isOver: Bool { outcome.withLock { $0 != nil } }

  /// What it gave, as soon as it is over.
  func value() throws -> Value {
    end.wait()
    return try outcome.withLock { $0! }.get()
  }
}

/// What this rank writes of a checkpoint.
///
/// Sendable, because nobody changes its tensors before it is written: they are copies, or the trainer waits.
struct CheckpointWrite: @unchecked Sendable {
  struct File {
    let name: String
    var tensors: StateDict
    var layouts: [String: ShardLayout] = [:]
    var shard: (rank: Int, of: Int)?
  }

  let staged: StagedCheckpoint
  let files: [File]
  let state: TrainState
  let isBest: Bool
  let numKept: Int
  let store: CheckpointStore

  /// Writes this rank's files.
  func writeFiles() throws -> [String: FileContents] {
    try files.reduce(into: [:]) { written, file in
      let own = try staged.write(file.name, file.tensors, layouts: file.layouts, shard: file.shard)
      written.merge(own) { $1 }
    }
  }

  /// Puts the checkpoint in place with the files of all ranks, links it, and removes what is not kept. Where it cannot be put
  /// in place, nothing of it stays.
  func commit(_ files: () throws -> [String: FileContents]) throws -> SavedCheckpoint {
    do {
      let saved = try store.commit(staged, files: files(), state: state)
      try store.link("last", to: saved)
      if isBest { try store.link("best", to: saved) }
      store.prune(keepingNewest: numKept)
      return saved
    } catch {
      staged.remove()
      throw error
    }
  }
}

/// A save under way.
enum PendingSave {
  /// All ranks write files of it. When the last of them has, the first rank puts it in place.
  case writing(BackgroundWork<[String: FileContents]>, CheckpointWrite)
  /// This rank, the first, puts it in place.
  case committing(BackgroundWork<SavedCheckpoint>, isBest: Bool)
}
