import CISAL
import Foundation
import Settings
public import Torch

/// A checkpoint on disk. When one is made, its state is known to be whole, and the sizes of its other files to be right;
/// their checksums are checked as they are read.
public struct SavedCheckpoint: Sendable {
  static let stateFile = "state.json"

  /// The folder.
  public let path: String
  /// The folder's own name, such as `step-00000120`.
  public var name: String { (path as NSString).lastPathComponent }
  /// The number of optimizer steps made when it was saved.
  public let step: Int
  private let files: [String: FileContents]
  private let state: Data

  private static let format = 3
  /// How a state file begins; eight digits follow, the checksum of what comes behind them.
  private static let head = Array("{\n  \"crc32c\" : \"".utf8)

  private struct Format: Decodable { let format: Int }

  private struct Head: Decodable {
    let step: Int
    let files: [String: FileContents]
  }

  /// Opens a checkpoint's folder; links are followed.
  /// - Throws: `CheckpointError` when it is not there, of another format, its state is damaged, or a file lacks bytes.
  public init(path: String) throws(CheckpointError) {
    let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let statePath = "\(resolved)/\(Self.stateFile)"
    func damaged(_ reason: String) -> CheckpointError { .damaged(path: statePath, reason: reason) }
    let reader = try SummedReader(path: statePath)
    guard reader.size <= 256 << 20 else { throw damaged("it has \(reader.size) bytes") }
    let bytes = try reader.bytes(at: 0, count: reader.size)
    let data = Data(bytes)
    guard bytes.starts(with: Self.head), let saved = Self.checksum(in: bytes) else {
      guard let found = try? JSONDecoder().decode(Format.self, from: data), found.format != Self.format else {
        throw damaged("it is not the state of a checkpoint")
      }
      throw damaged("its format is \(found.format), this version reads format \(Self.format)")
    }
    let checksum = FileContents.digits(Self.bodyChecksum(of: bytes))
    guard checksum == saved else { throw damaged("its checksum is \(checksum), \(saved) was saved") }
    guard (try? JSONDecoder().decode(Format.self, from: data))?.format == Self.format,
      let head = try? JSONDecoder().decode(Head.self, from: data)
    else { throw damaged("it is not the state of a checkpoint of format \(Self.format)") }
    for (name, contents) in head.files {
      guard !name.contains("/") else { throw damaged("it names a file '\(name)'") }
      let size = try SummedReader(path: "\(resolved)/\(name)").size
      guard size == contents.bytes else {
        throw .damaged(path: "\(resolved)/\(name)", reason: "it has \(size) bytes, \(contents.bytes) were saved")
      }
    }
    self.path = resolved
    step = head.step
    files = head.files
    state = data
  }

  /// Whether a file of tensors is there, whole or in the parts of several ranks.
  public func has(_ file: String) -> Bool { !names(of: file).isEmpty }

  /// The names of a file, or of its parts in the ranks' order.
  private func names(of file: String) -> [String] {
    if files["\(file).safetensors"] != nil { return ["\(file).safetensors"] }
    return files.keys.filter { $0.hasPrefix("\(file)-") && $0.contains("-of-") }.sorted()
  }

  /// Reads a file of tensors, by its name without ending. What ranks had parts of is joined, flat.
  /// - Throws: `CheckpointError`, also for a file whose bytes are not those that were saved, and for parts that do not make
  ///   a whole.
  public func tensors(_ file: String) throws(CheckpointError) -> StateDict {
    let names = names(of: file)
    guard !names.isEmpty else { throw .damaged(path: path, reason: "it has no \(file).safetensors") }
    var joined = StateDict()
    var parts: [String: JoinedTensor] = [:]
    for name in names {
      let path = "\(path)/\(name)"
      guard let saved = files[name] else { continue }
      let contents = try SafeTensors.read(path, expecting: saved)
      guard let layouts = Self.layouts(in: contents.metadata) else {
        throw .damaged(path: path, reason: "its shard_layout is none")
      }
      for entry in contents.tensors.entries {
        let layout = layouts[entry.name] ?? ShardLayout(whole: entry.tensor.shape)
        guard layout.shape == entry.tensor.shape else {
          throw .damaged(path: path, reason: "its layout of \(entry.name) is not that of the tensor")
        }
        if layout.isWhole {
          joined[entry.name] = entry.tensor
          continue
        }
        guard layout.fullShape.count == 1 else {
          throw .damaged(
            path: path, reason: "\(entry.name) is a part of \(layout.fullShape); only flat parts are joined")
        }
        parts[entry.name, default: JoinedTensor(name: entry.name)].parts.append((layout, entry.tensor))
      }
    }
    for name in parts.keys.sorted() { joined[name] = try parts[name]?.whole(path: path) }
    return joined
  }

  /// What a file says of the tensors that it holds only a part of.
  static func metadata(_ layouts: [String: ShardLayout], path: String) throws(CheckpointError) -> [String: String] {
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return [layoutKey: String(decoding: try encoder.encode(layouts), as: UTF8.self)]
    } catch {
      throw .cannotAccess(path: path, reason: "its layout cannot be written: \(plainReason(of: error))")
    }
  }

  private static func layouts(in metadata: [String: String]) -> [String: ShardLayout]? {
    guard let text = metadata[layoutKey] else { return [:] }
    return try? JSONDecoder().decode([String: ShardLayout].self, from: Data(text.utf8))
  }

  private static let layoutKey = "shard_layout"

  /// Decodes the part that is not tensors.
  /// - Throws: `CheckpointError.damaged` with the key at fault.
  public func state<State: Decodable>(_ type: State.Type = State.self) throws(CheckpointError) -> State {
    do {
      return try Self.decoder.decode(StateBody<State>.self, from: state).state
    } catch {
      throw .damaged(path: "\(path)/\(Self.stateFile)", reason: plainReason(of: error))
    }
  }

  static func encode(
    _ state: some Encodable, step: Int, files: [String: FileContents], path: String
  ) throws(CheckpointError) -> [UInt8] {
    do {
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      return sealed(Array(try encoder.encode(StateFile(format: format, step: step, files: files, state: state))))
    } catch {
      throw .cannotAccess(path: path, reason: "its state cannot be written: \(plainReason(of: error))")
    }
  }

  /// A state file with its own checksum in its head, whatever stood there.
  static func sealed(_ text: [UInt8]) -> [UInt8] {
    precondition(text.starts(with: head) && text.count > head.count + 8, "a state file begins with its checksum")
    return head + Array(FileContents.digits(bodyChecksum(of: text)).utf8) + text[(head.count + 8)...]
  }

  /// The checksum that a state file says it has, digit by digit: `A` for `a` would be a flipped bit, too.
  private static func checksum(in text: [UInt8]) -> String? {
    guard text.count > head.count + 8 else { return nil }
    let digits = text[head.count..<head.count + 8]
    guard digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else { return nil }
    return String(decoding: digits, as: UTF8.self)
  }

  private static func bodyChecksum(of text: [UInt8]) -> UInt32 {
    text[(head.count + 8)...].withUnsafeBytes { cisal_crc32c($0.baseAddress, $0.count) }
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
  /// The first key in the order of their names; see `sealed`.
  let crc32c = "00000000"
  let format: Int
  let step: Int
  let files: [String: FileContents]
  let state: State
}

private struct StateBody<State: Decodable>: Decodable { let state: State }

/// The parts of a flat tensor that ranks have saved.
private struct JoinedTensor {
  let name: String
  var parts: [(layout: ShardLayout, tensor: Tensor)] = []

  /// All of them, one after the other.
  func whole(path: String) throws(CheckpointError) -> Tensor {
    func damaged(_ reason: String) -> CheckpointError { .damaged(path: path, reason: "\(name): \(reason)") }
    var pieces: [(range: Range<Int>, tensor: Tensor)] = []
    for (layout, tensor) in parts {
      guard layout.fullShape == parts[0].layout.fullShape, tensor.dtype == parts[0].tensor.dtype else {
        throw damaged("its parts are of different tensors")
      }
      var start = 0
      for range in layout.ranges {
        pieces.append((range, tensor.narrow(0, start: start, length: range.count)))
        start += range.count
      }
    }
    pieces.sort { $0.range.lowerBound < $1.range.lowerBound }
    var end = 0
    for piece in pieces {
      guard piece.range.lowerBound == end else { throw damaged("a part is missing, or there twice, at \(end)") }
      end = piece.range.upperBound
    }
    guard end == parts[0].layout.fullShape[0] else { throw damaged("its last part is missing") }
    return withoutGrad { Tensor.concatenated(pieces.map(\.tensor)) }
  }
}
