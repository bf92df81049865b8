// A shard whose records are known: where they lie and which labels they have.

import Synchronization
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

// The labels of the records of one shard as they stand in the file.

/// The labels of a shard, with the names of classes that were met.
struct ShardLabels: Sendable {
  /// Labels above this are damage, not classes.
  static let maximum: Int32 = 1_000_000
  /// Stands for a record that has no label, or cannot be read.
  static let none: Int32 = -1

  /// The label of every record.
  var labels: [Int32] = []
  /// The name of the class of a label, where a record has one.
  var names: [Int32: String] = [:]
  /// Records whose frame is not where the index says.
  var numMisplaced = 0

  /// Labels that are known.
  init(_ labels: [Int32]) { self.labels = labels }

  /// Reads the labels out of the records; of each no more than the parts that are looked at. A record that cannot be read
  /// gets `none`, and fails again when its image is asked for. Throws where the file cannot be read at all.
  init(reading file: RecordFile, index: RecordIndex) throws {
    labels.reserveCapacity(index.count)
    for record in 0..<index.count {
      do throws(RecordError) {
        let facts = try file.facts(in: index[record], withNames: false)
        guard let label = facts.label, (0...Int64(Self.maximum)).contains(label) else {
          labels.append(Self.none)
          continue
        }
        labels.append(Int32(label))
        if names[Int32(label)] == nil {
          let name = try file.facts(in: index[record]).className
          names[Int32(label)] = name.isEmpty ? "" : BytePath(bytes: name).description
        }
      } catch {
        switch error.reason {
        case .system, .exhausted: throw error
        case .corruptLength, .indexMismatch, .tooLong, .truncated: numMisplaced += 1
        default: break
        }
        labels.append(Self.none)
      }
    }
  }
}

// The open files of a set of shards: as many as are used, up to a limit far below what a process may have open.

/// Opens shards when they are read first, and closes those that have not been read for the longest time. May be used from
/// any thread.
final class ShardFiles: Sendable {
  private struct State {
    var open: [Int: (file: RecordFile, lastUse: Int)] = [:]
    var clock = 0
  }

  private static let limit = 128
  private let paths: [BytePath]
  private let sizes: [Int]
  private let state = Mutex(State())

  /// The files at `paths`, which must have these sizes whenever they are opened.
  init(paths: [BytePath], sizes: [Int]) {
    self.paths = paths
    self.sizes = sizes
  }

  /// A shard. Throws `RecordError`, or a `FileError` where the system has no descriptors left.
  func file(_ shard: Int) throws -> RecordFile {
    if let file = used(shard) { return file }
    let file = try Self.open(paths[shard])
    guard file.size == sizes[shard] else {
      throw RecordError(path: file.path, offset: 0, reason: .changed(size: file.size, expected: sizes[shard]))
    }
    // Who still reads the file that is let go of keeps it open until it is done.
    return state.withLock { state in
      if let other = state.open[shard]?.file { return other }
      if state.open.count >= Self.limit, let oldest = state.open.min(by: { $0.value.lastUse < $1.value.lastUse }) {
        state.open[oldest.key] = nil
      }
      state.clock += 1
      state.open[shard] = (file, state.clock)
      return file
    }
  }

  /// Opens a file. Throws as `file(_:)`.
  static func open(_ path: BytePath) throws -> RecordFile {
    do throws(RecordError) {
      return try RecordFile(path)
    } catch {
      if case .exhausted(let code) = error.reason { throw FileError("open", path, code: code) }
      throw error
    }
  }

  private func used(_ shard: Int) -> RecordFile? {
    state.withLock { state in
      guard let file = state.open[shard]?.file else { return nil }
      state.clock += 1
      state.open[shard] = (file, state.clock)
      return file
    }
  }
}
