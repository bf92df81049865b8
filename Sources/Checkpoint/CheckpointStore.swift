// The checkpoints of a run: one folder each, put in place in one step.
//
//   checkpoints/step-00000120/model.safetensors   weights, in timm's names
//                             *.safetensors       whatever else the run needs to go on
//                             state.json          the Codable part, with the size of every file
//   checkpoints/last -> step-00000120
//   checkpoints/best -> step-00000096
import Foundation
public import Torch

/// Saves, finds, links and removes the checkpoints of one run. Not for use from several processes at once.
public struct CheckpointStore: Sendable {
  /// The folder that holds the checkpoints; made by the first save.
  public let folder: String

  /// A store over `folder`.
  public init(folder: String) { self.folder = folder }

  /// Saves a checkpoint in one step: a crash at any moment leaves the former checkpoints, or this one as well, never a
  /// part of it. Saving a step that is there already replaces nothing and returns the former one.
  ///
  /// - Parameters:
  ///   - step: the number of optimizer steps made.
  ///   - tensors: files by name without ending, such as `model`.
  ///   - state: everything that is not a tensor.
  /// - Throws: `CheckpointError.cannotAccess`.
  @discardableResult
  public func save(
    step: Int, tensors: [(file: String, tensors: StateDict)], state: some Encodable
  ) throws(CheckpointError) -> SavedCheckpoint {
    let final = path(Self.name(ofStep: step))
    if let former = try? SavedCheckpoint(path: final) { return former }
    let staged = path(".step-\(step).\(getpid()).partial")
    try makeFolder(folder)
    removeItem(staged)
    try makeFolder(staged)
    do {
      var sizes: [String: Int] = [:]
      for (file, contents) in tensors {
        let name = "\(file).safetensors"
        try SafeTensors.write(contents, to: "\(staged)/\(name)")
        sizes[name] = try FileReader(path: "\(staged)/\(name)").size
      }
      let writer = try AtomicFileWriter(path: "\(staged)/\(SavedCheckpoint.stateFile)")
      try writer.write(try SavedCheckpoint.encode(state, step: step, sizes: sizes, path: final))
      try writer.commit()
    } catch {
      removeItem(staged)
      throw error
    }
    // What is left of a damaged one of the same step gives way.
    removeItem(final)
    guard rename(staged, final) == 0 else {
      let reason = String(cString: strerror(errno))
      removeItem(staged)
      throw .cannotAccess(path: final, reason: reason)
    }
    AtomicFileWriter.flushFolder(of: final)
    return try SavedCheckpoint(path: final)
  }

  /// Makes the name `link`, such as `last`, stand for a step, in one step.
  public func link(_ link: String, toStep step: Int) throws(CheckpointError) {
    let temporary = path(".\(link).\(getpid()).partial")
    unlink(temporary)
    guard symlink(Self.name(ofStep: step), temporary) == 0, rename(temporary, path(link)) == 0 else {
      throw .cannotAccess(path: path(link), reason: String(cString: strerror(errno)))
    }
    AtomicFileWriter.flushFolder(of: path(link))
  }

  /// The step that a name stands for, if any.
  public func step(of link: String) -> Int? {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: path(link))).flatMap(Self.step(ofName:))
  }

  /// The steps that are saved, oldest first.
  public func steps() -> [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap(Self.step(ofName:)).sorted()
  }

  /// The checkpoint of one step.
  /// - Throws: `CheckpointError` when it is missing or damaged.
  public func checkpoint(atStep step: Int) throws(CheckpointError) -> SavedCheckpoint {
    try SavedCheckpoint(path: path(Self.name(ofStep: step)))
  }

  /// The newest checkpoint that is whole, and why newer ones were passed over. nil when none was ever saved.
  /// - Throws: `CheckpointError.noCheckpoint` when there are some, and all are damaged.
  public func latest() throws(CheckpointError) -> (checkpoint: SavedCheckpoint, passedOver: [CheckpointError])? {
    var passedOver: [CheckpointError] = []
    for step in steps().reversed() {
      do {
        return (try checkpoint(atStep: step), passedOver)
      } catch {
        passedOver.append(error)
      }
    }
    guard let first = passedOver.first else { return nil }
    throw .noCheckpoint(path: folder, reason: "every one is damaged, the newest: \(first)")
  }

  /// Removes all but the newest `count` checkpoints, what `last` and `best` stand for, and `kept`.
  public func prune(keepingNewest count: Int, and kept: Set<Int> = []) {
    let linked = Set(["last", "best"].compactMap(step(of:)))
    for step in steps().dropLast(count) where !linked.contains(step) && !kept.contains(step) {
      // Out of sight in one step, so that a crash leaves no half of a checkpoint under its name.
      let doomed = path(".step-\(step).\(getpid()).partial")
      removeItem(doomed)
      if rename(path(Self.name(ofStep: step)), doomed) == 0 { removeItem(doomed) }
    }
  }

  /// Removes what an interrupted save or removal left behind.
  public func removeLeftovers() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where name.hasPrefix(".") && name.hasSuffix(".partial") { removeItem(path(name)) }
  }

  private func path(_ name: String) -> String { "\(folder)/\(name)" }

  private static func name(ofStep step: Int) -> String {
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  private static func step(ofName name: String) -> Int? {
    guard name.hasPrefix("step-"), let step = Int(name.dropFirst(5)), step >= 0 else { return nil }
    return step
  }

  private func makeFolder(_ path: String) throws(CheckpointError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .cannotAccess(path: path, reason: error.localizedDescription)
    }
  }

  private func removeItem(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}
