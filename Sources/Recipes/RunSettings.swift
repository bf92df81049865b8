import Checkpoint
import Dataset
import Foundation
import Settings
import Training

/// The settings that a run was last started with.
public enum RunSettings {
  /// The settings of the run at a path, with `out` where the run is now: those of its `config.yaml`, else of its newest
  /// checkpoint.
  ///
  /// - Parameter path: a run directory, or a checkpoint, in the folder of its run or alone.
  /// - Throws: `CheckpointError.noCheckpoint` where there is neither, `OptionsError` for settings that cannot be read.
  public static func find(_ path: String) throws -> RunOptions {
    let lone = FileManager.default.fileExists(atPath: "\(path)/state.json") ? try SavedCheckpoint(path: path) : nil
    let run = lone.map { Self.run(of: $0) } ?? path
    let newest = try lone.map { try $0.state(TrainState.self) } ?? newestState(of: path)
    var options: RunOptions
    if let run, FileManager.default.fileExists(atPath: "\(run)/config.yaml") {
      options = try OptionsLoader.load(RunOptions.self, path: "\(run)/config.yaml")
    } else if let newest {
      options = try OptionsLoader.load(RunOptions.self, yaml: newest.config, source: "the settings in \(path)")
    } else {
      throw CheckpointError.noCheckpoint(path: path, reason: "it is neither a run directory nor a checkpoint")
    }
    if let run { options.out = run }
    // A relative path was meant from where the run was started.
    let isThere = { FileManager.default.fileExists(atPath: $0) }
    if let data = newest?.data.path, !isThere(options.data.path), isThere(data) { options.data.path = data }
    return options
  }

  /// What differs between two settings of a run but its folder: `training.epochs: 2 -> 3`.
  public static func differences(from former: RunOptions, to options: RunOptions) -> [String] {
    differences(OptionsEncoder.encode(former), OptionsEncoder.encode(options), at: "").filter { !$0.hasPrefix("out: ") }
  }

  private static func differences(_ former: OptionsValue, _ value: OptionsValue, at path: String) -> [String] {
    guard former != value else { return [] }
    if case .mapping = former, case .mapping = value {
      return (former.keys + value.keys.filter { former[$0] == nil }).flatMap { key in
        differences(former[key] ?? .null, value[key] ?? .null, at: path.isEmpty ? key : "\(path).\(key)")
      }
    }
    return ["\(path): \(former.compactJSON) -> \(value.compactJSON)"]
  }

  /// `RUN/checkpoints/step-...` -> `RUN`
  private static func run(of checkpoint: SavedCheckpoint) -> String? {
    let folder = URL(fileURLWithPath: checkpoint.path).deletingLastPathComponent()
    return folder.lastPathComponent == "checkpoints" ? folder.deletingLastPathComponent().path : nil
  }

  /// nil where nothing was saved, or nothing is whole.
  private static func newestState(of run: String) throws -> TrainState? {
    do {
      return try CheckpointStore(folder: "\(run)/checkpoints").newestWhole { try $0.state(TrainState.self) }
    } catch is CheckpointError {
      return nil
    }
  }
}
