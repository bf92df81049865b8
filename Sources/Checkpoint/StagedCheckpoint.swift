import Foundation
public import Torch

/// A checkpoint that is being written, out of sight: `CheckpointStore.commit` puts it in place.
///
/// A state that several ranks share out is in a file of each, `optimizer-00002-of-00004.safetensors`, whose metadata tell
/// which part of which tensor it holds.
public struct StagedCheckpoint: Sendable {
  /// The number of optimizer steps made.
  public let step: Int
  /// The folder.
  public let path: String

  /// A checkpoint that another process has staged.
  public init(step: Int, path: String) {
    self.step = step
    self.path = path
  }

  /// Writes a file of tensors.
  /// - Parameters:
  ///   - file: its name without ending.
  ///   - layouts: which part of the full tensor lies here, by name, for those that are not whole.
  ///   - shard: this process's number among so many that write files of that name.
  /// - Returns: the file's whole name, and what it can be known by.
  /// - Throws: `CheckpointError.cannotAccess`, also where the folder is not there, because this process sees other disks
  ///   than the one that staged it.
  public func write(
    _ file: String, _ tensors: StateDict, layouts: [String: ShardLayout] = [:], shard: (rank: Int, of: Int)? = nil
  ) throws(CheckpointError) -> [String: FileContents] {
    guard FileManager.default.fileExists(atPath: path) else {
      throw .cannotAccess(path: path, reason: "this rank does not see it; put the run on a disk that all ranks share")
    }
    let name = shard.map { Self.name(of: file, rank: $0.rank, numRanks: $0.of) } ?? "\(file).safetensors"
    let metadata = try SavedCheckpoint.metadata(layouts.filter { tensors[$0.key] != nil }, path: "\(path)/\(name)")
    return [name: try SafeTensors.writeKnown(tensors, metadata: metadata, to: "\(path)/\(name)")]
  }

  /// Throws it away.
  public func remove() { try? FileManager.default.removeItem(atPath: path) }

  static func name(of file: String, rank: Int, numRanks: Int) -> String {
    func padded(_ number: Int) -> String { String(repeating: "0", count: max(0, 5 - "\(number)".count)) + "\(number)" }
    return "\(file)-\(padded(rank + 1))-of-\(padded(numRanks)).safetensors"
  }
}
