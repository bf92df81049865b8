import Foundation
import Settings
public import Torch

/// A whole checkpoint on disk. Nothing but sizes has been read when one is made.
public struct SavedCheckpoint: Sendable {
  static let stateFile = "state.json"

  /// The folder.
  public let path: String
  /// The folder's own name, such as `step-00000120`.
  public var name: String { (path as NSString).lastPathComponent }
  /// The number of optimizer steps made when it was saved.
  public let step: Int
  private let files: [String: Int]
  private let state: Data

  private struct Head: Decodable {
    let format: Int
    let step: Int
    let files: [String: Int]
  }

  /// Opens a checkpoint's folder; links are followed.
  /// - Throws: `CheckpointError` when it is not there, of a newer format, or a file lacks bytes.
  public init(path: String) throws(CheckpointError) {
    let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let statePath = "\(resolved)/\(Self.stateFile)"
    let reader = try FileReader(path: statePath)
    guard reader.size <= 256 << 20 else { throw .malformed(path: statePath, reason: "it has \(reader.size) bytes") }
    guard let data = FileManager.default.contents(atPath: statePath),
      let head = try? JSONDecoder().decode(Head.self, from: data)
    else { throw .malformed(path: statePath, reason: "it is not the state of a checkpoint") }
    guard head.format == 1 else {
      throw .malformed(path: statePath, reason: "its format is \(head.format), this version reads format 1")
    }
    for (name, size) in head.files {
      guard !name.contains("/"), try FileReader(path: "\(resolved)/\(name)").size == size else {
        throw .malformed(path: "\(resolved)/\(name)", reason: "its size is not the one that was saved")
      }
    }
    self.path = resolved
    step = head.step
    files = head.files
    state = data
  }

  /// Whether a file of tensors is there.
  public func has(_ file: String) -> Bool { files["\(file).safetensors"] != nil }

  /// Reads a file of tensors, by its name without ending.
  public func tensors(_ file: String) throws(CheckpointError) -> StateDict {
    try SafeTensors.read("\(path)/\(file).safetensors").tensors
  }

  /// Decodes the part that is not tensors.
  /// - Throws: `CheckpointError.malformed` with the key at fault.
  public func state<State: Decodable>(_ type: State.Type = State.self) throws(CheckpointError) -> State {
    do {
      return try Self.decoder.decode(StateBody<State>.self, from: state).state
    } catch {
      throw .malformed(path: "\(path)/\(Self.stateFile)", reason: plainReason(of: error))
    }
  }

  static func encode(
    _ state: some Encodable, step: Int, sizes: [String: Int], path: String
  ) throws(CheckpointError) -> [UInt8] {
    do {
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      return Array(try encoder.encode(StateFile(format: 1, step: step, files: sizes, state: state)))
    } catch {
      throw .cannotAccess(path: path, reason: "its state cannot be written: \(plainReason(of: error))")
    }
  }

  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }
}

/// What a state file says, whatever the state.
private struct StateFile<State: Encodable>: Encodable {
  let format: Int
  let step: Int
  let files: [String: Int]
  let state: State
}

private struct StateBody<State: Decodable>: Decodable { let state: State }
