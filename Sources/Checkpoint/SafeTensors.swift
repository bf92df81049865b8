// The safetensors format: a little-endian UInt64 header size, a JSON header, the tensors' bytes.
// https://github.com/huggingface/safetensors, "Format".
import Foundation
public import Torch

/// Reads and writes `.safetensors` files, as the Python package of that name does.
public enum SafeTensors {
  /// What a file holds.
  public struct Contents {
    /// The tensors, on the CPU, in the order of their bytes in the file.
    public var tensors: StateDict
    /// The free text of the header's `__metadata__`.
    public var metadata: [String: String]
  }

  /// One tensor's line in the header.
  struct Entry {
    let name: String
    let dtype: DType
    let shape: [Int]
    let range: Range<Int>
  }

  /// The largest header that is read: a hundred times what the largest model needs.
  static let maximumHeaderSize = 16 << 20

  /// Reads all tensors of a file.
  /// - Throws: `CheckpointError` for a file that is missing, truncated or malformed. No memory is taken for tensors
  ///   before the header has been checked against the file's size.
  public static func read(_ path: String) throws(CheckpointError) -> Contents { try read(path, expecting: nil) }

  /// Reads all tensors of a file that has to have the bytes that were saved.
  static func read(_ path: String, expecting saved: FileContents?) throws(CheckpointError) -> Contents {
    let file = try SummedReader(path: path)
    let (entries, metadata, dataStart) = try readHeader(file)
    var tensors = StateDict()
    for entry in entries {
      let tensor: Tensor
      do {
        tensor = try recovering { Tensor.empty(entry.shape, dtype: entry.dtype) }
      } catch {
        throw .cannotAccess(path: path, reason: "tensor '\(entry.name)': \(error)")
      }
      try tensor.withMutableBytes { buffer throws(CheckpointError) in
        try file.read(into: buffer, at: dataStart + entry.range.lowerBound)
      }
      tensors[entry.name] = tensor
    }
    // The header and the tensors, which leave no gap, were read in order: the sum is that of the whole file.
    if let difference = saved?.difference(from: file.summed) { throw .damaged(path: path, reason: difference) }
    return Contents(tensors: tensors, metadata: metadata)
  }

  /// Writes tensors in their order, each after the other, without gaps; the file appears in one step.
  /// - Parameter metadata: free text for the header.
  /// - Throws: `CheckpointError.cannotAccess`.
  public static func write(
    _ tensors: StateDict, metadata: [String: String] = [:], to path: String
  ) throws(CheckpointError) {
    _ = try writeKnown(tensors, metadata: metadata, to: path)
  }

  /// Writes tensors, and gives what the file can be known by.
  static func writeKnown(
    _ tensors: StateDict, metadata: [String: String] = [:], to path: String
  ) throws(CheckpointError) -> FileContents {
    let writer = try SummedWriter(path: path)
    // Wider elements first keeps every tensor aligned, as the public implementation does.
    let ordered = tensors.entries.enumerated().sorted {
      ($1.element.tensor.dtype.byteCount, $0.offset) < ($0.element.tensor.dtype.byteCount, $1.offset)
    }.map(\.element)
    try writer.write(header(of: ordered, metadata: metadata))
    for entry in ordered {
      try entry.tensor.withBytes { bytes throws(CheckpointError) in try writer.write(bytes) }
    }
    try writer.commit()
    return writer.contents
  }

  private static func header(of entries: [NamedTensor], metadata: [String: String]) -> [UInt8] {
    var items: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
      items.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for entry in entries {
      let end = offset + entry.tensor.count * entry.tensor.dtype.byteCount
      let shape = entry.tensor.shape.map(String.init).joined(separator: ",")
      items.append(
        "\(quoted(entry.name)):{\"dtype\":\"\(code(of: entry.tensor.dtype))\","
          + "\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var json = Array("{\(items.joined(separator: ","))}".utf8)
    // Spaces up to a multiple of eight, so that the data is aligned.
    json.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
    return withUnsafeBytes(of: UInt64(json.count).littleEndian, Array.init) + json
  }

  private static func quoted(_ text: String) -> String {
    let data = try? JSONSerialization.data(withJSONObject: text, options: [.fragmentsAllowed, .withoutEscapingSlashes])
    return String(decoding: data ?? Data("\"\"".utf8), as: UTF8.self)
  }

  private static func code(of dtype: DType) -> String {
    dtypes.first { $0.value == dtype }!.key
  }

  static let dtypes: [String: DType] = [
    "U8": .uint8, "I8": .int8, "I16": .int16, "I32": .int32, "I64": .int64,
    "F16": .float16, "BF16": .bfloat16, "F32": .float32, "F64": .float64, "BOOL": .bool,
  ]
}
