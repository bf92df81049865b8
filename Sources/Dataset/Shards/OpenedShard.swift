// A shard whose records are known: where they lie and which labels they have.

import TFRecord

/// The index and the labels of one shard.
struct OpenedShard: Sendable {
  /// Indices are checked at so many of their records.
  private static let numSpotChecks = 8

  let path: BytePath
  let index: RecordIndex
  let labels: ShardLabels
  /// Whether the frames had to be gone through, since no index file fits.
  let wasScanned: Bool
  /// Whether the labels had to be read out of the records.
  let wasWalked: Bool

  /// Opens a shard. `known` is what a manifest says of it, and is taken where the file's size and the number of its
  /// records agree. Throws `RecordError` or `FileError`.
  init(_ path: BytePath, in folder: BytePath, known: ShardManifest.Shard?) throws {
    let file = try ShardFiles.open(path)
    var (index, wasScanned) = try Self.index(of: path, in: folder, file: file)
    if let known, known.bytes == file.size, known.records == index.count, let labels = known.parsedLabels() {
      self.labels = ShardLabels(labels)
      wasWalked = false
    } else {
      var labels = try ShardLabels(reading: file, index: index)
      // Either the index lies or the records are damaged; where the frames can be gone through, it was the index.
      if !wasScanned, labels.numMisplaced > 0, let scanned = try? file.scan() {
        index = scanned
        labels = try ShardLabels(reading: file, index: index)
        wasScanned = true
      }
      self.labels = labels
      wasWalked = true
    }
    self.path = path
    self.index = index
    self.wasScanned = wasScanned
  }

  /// The index of a shard: that of a file that fits, else the frames gone through. An index that fits in size and not in
  /// content either lies, or the records are damaged: where the frames can be gone through, it was the index.
  private static func index(
    of path: BytePath, in folder: BytePath, file: RecordFile
  ) throws -> (index: RecordIndex, wasScanned: Bool) {
    var doubtful: RecordIndex?
    for candidate in ShardLayout.indexPaths(of: path.lastComponent, in: folder) where FileTree.exists(candidate) {
      // A line for the smallest record has no more than 40 characters.
      let limit = min(file.size / RecordFrame.overhead * 40 + 64, 1 << 30)
      guard let text = try? FileReader.read(candidate, limit: limit),
        let index = RecordIndex(text, fileSize: file.size)
      else { continue }
      if isTrue(index, of: file) { return (index, false) }
      doubtful = index
    }
    guard let doubtful else { return (try file.scan(), true) }
    return (try? file.scan()).map { ($0, true) } ?? (doubtful, false)
  }

  private static func isTrue(_ index: RecordIndex, of file: RecordFile) -> Bool {
    stride(from: 0, to: index.count, by: max(1, index.count / numSpotChecks)).allSatisfy { record in
      (try? file.length(at: index[record].lowerBound)) == index[record].count - RecordFrame.overhead
    }
  }
}
