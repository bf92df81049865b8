// Writes the index files of shards that have none.

import Synchronization
import TFRecord

/// Writes index files.
public enum ShardIndexing {
  /// What came of it.
  public struct Result: Sendable {
    /// Shards whose index was written.
    public let numWritten: Int
    /// Shards whose index fitted already.
    public let numKept: Int
    /// The records of all shards.
    public let numRecords: Int
  }

  /// Writes the index of every record file in `folder`, in its folders called as splits are: of files named
  /// as shards and of those that end in `.tfrecord` or `.tfrecords`. That of `DIR/train/NAME` becomes
  /// `DIR/idx_files/train/NAME.idx`, that of `DIR/NAME` `DIR/idx_files/NAME.idx`. Payloads are not read.
  /// - Throws: `ShardError.noShards`, `ShardError.empty` where no shard of a folder holds a record, `FileError`, or
  ///   `RecordError` at a shard that is damaged.
  @discardableResult
  public static func write(
    _ folder: BytePath, numThreads: Int, progress: (@Sendable (_ numDone: Int, _ numShards: Int) -> Void)? = nil
  ) throws -> Result {
    let shards = try shards(of: folder)
    if shards.isEmpty { throw ShardError.noShards(folder.description) }
    let numDone = Mutex(0)
    for target in Set(shards.map(\.index.parent)) { try FileTree.makeFolders(target) }
    let values = try parallelMap(shards.count, numThreads: numThreads) { place in
      let (path, index) = shards[place]
      let file = try ShardFiles.open(path)
      let scanned = try file.scan()
      let text = scanned.text
      let isKept = (try? FileReader.read(index)) == text
      if !isKept { try FileWriter.writeAtomically(text, to: index) }
      numDone.withLock { done in
        done += 1
        progress?(done, shards.count)
      }
      return (records: scanned.count, isKept: isKept)
    }
    // What a reader refuses is no success here.
    for folder in Set(shards.map(\.path.parent)).sorted() {
      let own = zip(shards, values).filter { $0.0.path.parent == folder }
      if own.allSatisfy({ $0.1.records == 0 }) { throw ShardError.empty(folder.description) }
    }
    return Result(
      numWritten: values.count { !$0.isKept }, numKept: values.count { $0.isKept },
      numRecords: values.reduce(0) { $0 + $1.records })
  }

  private static func shards(of root: BytePath) throws -> [(path: BytePath, index: BytePath)] {
    var found: [(path: BytePath, index: BytePath)] = []
    let target = root.appending("idx_files")
    let splits = try FileTree.list(root).filter { $0.kind != .file && SplitName(folderName: $0.name) != nil }
    for part in [nil] + splits.map(\.name) {
      let folder = part.map { root.appending($0) } ?? root
      for entry in try FileTree.list(folder) where entry.kind == .file && isRecordFile(entry.name) {
        let name = BytePath(bytes: entry.name.bytes + Array(".idx".utf8))
        found.append(
          (folder.appending(entry.name), (part.map { target.appending($0) } ?? target).appending(name)))
      }
    }
    return found
  }

  private static func isRecordFile(_ name: BytePath) -> Bool {
    ShardName(name) != nil || ["tfrecord", "tfrecords"].contains(name.pathExtension)
  }
}
