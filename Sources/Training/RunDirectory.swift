// The folder of one run:
//
//   config.yaml         the resolved settings of the last start
//   config-0001.yaml    those of the first start, where a later one changed them; and so on
//   checkpoints/        see CheckpointStore
//   metrics.jsonl       one object for each event
//   events/             TensorBoard's event files
//   bad_samples.jsonl   samples that could not be read, where there are any
//   trace.json          some steps for a browser's trace viewer, where training.profile asks for it
//   .lock               held while a process trains in the folder
public import Checkpoint
public import Dataset
import Foundation
import Settings

/// The folder of one run, locked for this process.
public final class RunDirectory {
  /// The path.
  public let path: String
  private let lock: Int32

  /// Opens the folder for a new run: it must not exist, or be empty.
  /// - Throws: `TrainingError.runDirectory`.
  public static func create(at path: String) throws -> RunDirectory {
    // Nothing is put into a folder of something else, and a folder in use is told from one that was left.
    let isRun = FileManager.default.fileExists(atPath: "\(path)/.lock")
    if !isRun { try refuseUsed(path) }
    let directory = try RunDirectory(path: path)
    try refuseUsed(path)
    return directory
  }

  private static func refuseUsed(_ path: String) throws {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    // A run that ended before it trained left nothing that could be lost.
    let leftovers: Set = ["config.yaml", ".lock", "bad_samples.jsonl"]
    guard Set(names).isSubset(of: leftovers) else {
      let isRun = names.contains("config.yaml")
      let advice =
        isRun ? "resume its run with `\(resumeCommand(path))`, or choose another folder" : "choose another folder"
      throw TrainingError.runDirectory(path: path, reason: "it exists and is not empty; \(advice)")
    }
  }

  /// What a user types to resume the run in a folder.
  public static func resumeCommand(_ path: String) -> String {
    let plain = path.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || $0.properties.numericType != nil || "/._-+:,@%".unicodeScalars.contains($0)
    }
    return "vitrail resume " + (plain ? path : "'\(path.replacingOccurrences(of: "'", with: "'\\''"))'")
  }

  /// Refuses what `create`, or else `open`, would refuse; writes nothing.
  /// - Throws: `TrainingError.runDirectory`.
  public static func check(_ path: String, isNew: Bool) throws {
    func failure(_ reason: String) -> TrainingError { .runDirectory(path: path, reason: reason) }
    if isNew { try refuseUsed(path) }
    if FileManager.default.fileExists(atPath: "\(path)/.lock") { _ = try RunDirectory(path: path) }
    // The folder, or that in which it would be made.
    var folder = URL(fileURLWithPath: path).standardizedFileURL
    while !FileManager.default.fileExists(atPath: folder.path), folder.path != "/" { folder.deleteLastPathComponent() }
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder)
    guard isFolder.boolValue else { throw failure("'\(folder.path)' is a file") }
    guard access(folder.path, W_OK | X_OK) == 0 else {
      throw failure("'\(folder.path)' cannot be written to: \(String(cString: strerror(errno)))")
    }
  }

  /// Opens the folder of a run that resumes.
  /// - Throws: `TrainingError.runDirectory`.
  public static func open(at path: String) throws -> RunDirectory { try RunDirectory(path: path) }

  /// The folder of a run that another rank has opened, and writes to.
  public static func ofOtherRank(at path: String) -> RunDirectory { RunDirectory(following: path) }

  private init(following path: String) {
    self.path = path
    lock = -1
  }

  private init(path: String) throws {
    func failure(_ reason: String) -> TrainingError { .runDirectory(path: path, reason: reason) }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw failure("it cannot be made: \(plainReason(of: error))")
    }
    lock = Foundation.open("\(path)/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard lock >= 0 else { throw failure("it cannot be written to: \(String(cString: strerror(errno)))") }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      throw failure("another process is training in it")
    }
    self.path = path
  }

  deinit { if lock >= 0 { close(lock) } }

  /// The checkpoints.
  public var checkpoints: CheckpointStore { CheckpointStore(folder: "\(path)/checkpoints") }
  /// The metrics file.
  public var metricsFile: String { "\(path)/metrics.jsonl" }
  /// The folder of TensorBoard's event files.
  public var eventsFolder: String { "\(path)/events" }
  /// The list of bad samples.
  public var badSamplesFile: String { "\(path)/bad_samples.jsonl" }
  /// Lists samples that could not be read, by set; without any, there is no file.
  /// - Throws: `FileError`.
  public func write(badSamples sets: [(name: String, samples: [BadSample])]) throws {
    if sets.allSatisfy(\.samples.isEmpty) {
      unlink(badSamplesFile)
    } else {
      try BadSampleLog.write(sets, to: BytePath(badSamplesFile))
    }
  }

  /// The resolved settings.
  public var configFile: String { "\(path)/config.yaml" }

  /// Puts the settings of this start in place.
  /// - Parameter keepsFormer: whether those of the former start stay, where they differ, as `config-0001.yaml` and so on.
  /// - Throws: `FileError`.
  public func write(config: String, keepsFormer: Bool) throws {
    let former = try? String(contentsOfFile: configFile, encoding: .utf8)
    guard former != config else { return }
    if let former, keepsFormer {
      let kept = (1...9999).lazy.map { self.path + String(format: "/config-%04d.yaml", $0) }
        .first { !FileManager.default.fileExists(atPath: $0) }
      if let kept { try FileWriter.writeAtomically(Array(former.utf8), to: BytePath(kept)) }
    }
    try FileWriter.writeAtomically(Array(config.utf8), to: BytePath(configFile))
  }
}
