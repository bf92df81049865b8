// The checkpoints of a run: one folder each, put in place in one step.
//
//   checkpoints/step-00000120/model.safetensors   weights, in timm's names
//                             *.safetensors       whatever else the run needs to resume
//                             state.json          the Codable part, with size and checksum of every file
//   checkpoints/last -> step-00000120
//   checkpoints/best -> step-00000096
import Files
import Foundation
import Settings
public import Torch

/// Saves, finds, links and removes the checkpoints of one run. Not for use from several processes at once.
public struct CheckpointStore: Sendable {
  /// The folder that holds the checkpoints; made by the first save.
  public let folder: String

  /// A store over `folder`.
  public init(folder: String) { self.folder = folder }

  /// Saves a checkpoint in one step: a crash at any moment leaves the former checkpoints, or this one as well, never a
  /// part of it. A second one of the same step stands beside the first, and counts as newer.
  ///
  /// - Parameters:
  ///   - step: the number of optimizer steps made.
  ///   - tensors: files by name without ending, such as `model`.
  ///   - layouts: which part of the full tensor lies here, by name, for those that are not whole. Every file says so in
  ///     its metadata, as `shard_layout`.
  ///   - state: everything that is not a tensor.
  /// - Throws: `CheckpointError.cannotAccess`.
  @discardableResult
  public func save(
    step: Int, tensors: [(file: String, tensors: StateDict)], layouts: [String: ShardLayout] = [:],
    state: some Encodable
  ) throws(CheckpointError) -> SavedCheckpoint {
    let staged = try stage(step: step)
    do throws(CheckpointError) {
      var files: [String: FileContents] = [:]
      for (file, contents) in tensors {
        files.merge(try staged.write(file, contents, layouts: layouts)) { $1 }
      }
      return try commit(staged, files: files, state: state)
    } catch {
      staged.remove()
      throw error
    }
  }

  /// Begins a checkpoint that several processes write to: one stages it, all write, and that one commits it.
  /// - Throws: `CheckpointError.cannotAccess`.
  public func stage(step: Int) throws(CheckpointError) -> StagedCheckpoint {
    let staged = StagedCheckpoint(step: step, path: path(".step-\(step).\(getpid()).partial"))
    try makeFolder(folder)
    staged.remove()
    try makeFolder(staged.path)
    return staged
  }

  /// Puts a staged checkpoint in place, in one step.
  /// - Parameter files: all that was written to it, by whichever process.
  /// - Throws: `CheckpointError.cannotAccess`.
  public func commit(
    _ staged: StagedCheckpoint, files: [String: FileContents], state: some Encodable
  ) throws(CheckpointError) -> SavedCheckpoint {
    let step = staged.step
    let name = Name(step: step, generation: (names().last { $0.step == step }?.generation ?? -1) + 1)
    let final = path(name.text)
    let writer = try SummedWriter(path: "\(staged.path)/\(SavedCheckpoint.stateFile)")
    try writer.write(try SavedCheckpoint.encode(state, step: step, files: files, path: final))
    try writer.commit()
    do throws(FileError) { try FileTree.rename(BytePath(staged.path), to: BytePath(final)) } catch {
      throw CheckpointError(path: final, error)
    }
    FileTree.flush(BytePath(folder))
    return try SavedCheckpoint(path: final)
  }

  /// Makes the name `link`, such as `last`, stand for a checkpoint of this store, in one step.
  public func link(_ link: String, to checkpoint: SavedCheckpoint) throws(CheckpointError) {
    let temporary = path(".\(link).\(getpid()).partial")
    unlink(temporary)
    guard symlink(checkpoint.name, temporary) == 0, rename(temporary, path(link)) == 0 else {
      throw .cannotAccess(path: path(link), reason: String(cString: strerror(errno)))
    }
    FileTree.flush(BytePath(folder))
  }

  /// The checkpoint that a name stands for.
  /// - Throws: `CheckpointError` when there is none, or it is damaged.
  public func linked(_ link: String) throws(CheckpointError) -> SavedCheckpoint {
    try SavedCheckpoint(path: path(link))
  }

  /// The steps that are saved, oldest first.
  public func steps() -> [Int] { names().map(\.step) }

  /// The newest whole checkpoint of a step; nil where there is none.
  public func checkpoint(atStep step: Int) -> SavedCheckpoint? {
    for name in names().reversed() where name.step == step {
      if let found = try? SavedCheckpoint(path: path(name.text)) { return found }
    }
    return nil
  }

  /// Whether a checkpoint is one of this store.
  public func contains(_ checkpoint: SavedCheckpoint) -> Bool {
    let parent = URL(fileURLWithPath: checkpoint.path).deletingLastPathComponent().path
    return parent == URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
  }

  /// Whether another store has the same folder.
  public func isSame(as other: CheckpointStore) -> Bool {
    let paths = [folder, other.folder].map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().path }
    return paths[0] == paths[1]
  }

  /// Removes every checkpoint that is newer than one of this store, for a run that goes back to it.
  /// - Returns: the steps of those removed.
  @discardableResult
  public func removeNewer(than checkpoint: SavedCheckpoint) -> [Int] {
    guard let kept = Name(checkpoint.name) else { return [] }
    let newer = names().filter { $0 > kept }
    for name in newer { remove(name) }
    return newer.map(\.step)
  }

  /// What `take` makes of the newest checkpoint that is whole, as far as `take` reads it. nil when none was ever saved.
  /// - Parameters:
  ///   - links: names such as `best`, whose checkpoints come before the newest.
  ///   - passedOver: told of each newer one that is damaged.
  ///   - take: reads what is wanted of a checkpoint; where that finds damage, an older one is tried.
  /// - Throws: `CheckpointError.noCheckpoint` when there are some, and all are damaged; what else `take` throws.
  public func newestWhole<Result>(
    preferring links: [String] = [], passedOver: (CheckpointError) -> Void = { _ in },
    _ take: (SavedCheckpoint) throws -> Result
  ) throws -> Result? {
    let linked = links.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: path($0)) }
    var tried: Set<String> = []
    var first: CheckpointError?
    for name in linked.compactMap(Name.init) + names().reversed() where tried.insert(name.text).inserted {
      do {
        return try take(SavedCheckpoint(path: path(name.text)))
      } catch let error as CheckpointError where error.isDamage {
        passedOver(error)
        first = first ?? error
      }
    }
    guard let first else { return nil }
    throw CheckpointError.noCheckpoint(path: folder, reason: "every one is damaged: \(first)")
  }

  /// Removes all but the newest `count` checkpoints and what `last` and `best` stand for.
  public func prune(keepingNewest count: Int) {
    let linked = ["last", "best"].compactMap {
      try? FileManager.default.destinationOfSymbolicLink(atPath: path($0))
    }
    for name in names().dropLast(count) where !linked.contains(name.text) { remove(name) }
  }

  /// Removes what an interrupted save or removal left behind.
  public func removeLeftovers() {
    for name in listing() where name.hasPrefix(".") && name.hasSuffix(".partial") { removeItem(path(name)) }
  }

  /// `step-00000120`, and `step-00000120.1` for a second one of that step.
  private struct Name: Comparable {
    let step: Int
    let generation: Int

    init(step: Int, generation: Int) { (self.step, self.generation) = (step, generation) }

    init?(_ text: String) {
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      guard text.hasPrefix("step-"), parts.count <= 2, let step = Int(parts[0].dropFirst(5)), step >= 0,
        let generation = parts.count == 2 ? Int(parts[1]) : 0, generation >= 0
      else { return nil }
      self.init(step: step, generation: generation)
    }

    var text: String {
      let digits = String(step)
      let padded = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
      return generation == 0 ? "step-\(padded)" : "step-\(padded).\(generation)"
    }

    static func < (a: Name, b: Name) -> Bool { (a.step, a.generation) < (b.step, b.generation) }
  }

  /// Out of sight in one step, so that a crash leaves no half of a checkpoint under its name.
  private func remove(_ name: Name) {
    let doomed = path(".\(name.text).\(getpid()).partial")
    removeItem(doomed)
    if rename(path(name.text), doomed) == 0 { removeItem(doomed) }
  }

  private func names() -> [Name] { listing().compactMap(Name.init).sorted() }

  private func listing() -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] }

  private func path(_ name: String) -> String { "\(folder)/\(name)" }

  private func makeFolder(_ path: String) throws(CheckpointError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .cannotAccess(path: path, reason: plainReason(of: error))
    }
  }

  private func removeItem(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}
