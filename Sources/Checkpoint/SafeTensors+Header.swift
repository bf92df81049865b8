import Foundation
import Torch

extension SafeTensors {
  /// Parses the header and checks it: sizes that fit the file, ranges that fit their shapes and tile the data.
  static func readHeader(
    _ file: SummedReader
  ) throws(CheckpointError) -> (entries: [Entry], metadata: [String: String], dataStart: Int) {
    func malformed(_ reason: String) -> CheckpointError { .malformed(path: file.path, reason: reason) }
    guard file.size >= 8 else { throw malformed("it has \(file.size) bytes, a header size alone takes 8") }
    let size = UInt64(
      littleEndian: try file.bytes(at: 0, count: 8).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
    guard size >= 2, size <= UInt64(min(maximumHeaderSize, file.size - 8)) else {
      throw malformed("its header claims \(size) bytes, the file has \(file.size)")
    }
    let json = try file.bytes(at: 8, count: Int(size))
    guard let root = try? JSONSerialization.jsonObject(with: Data(json)) as? [String: Any] else {
      throw malformed("its header is not a JSON object")
    }
    let dataSize = file.size - 8 - Int(size)

    var metadata: [String: String] = [:]
    var entries: [Entry] = []
    for (name, value) in root {
      if name == "__metadata__" {
        guard let texts = value as? [String: String] else { throw malformed("its metadata is not text") }
        metadata = texts
        continue
      }
      guard let line = value as? [String: Any], let dtypeCode = line["dtype"] as? String,
        let shape = line["shape"] as? [Int], let offsets = line["data_offsets"] as? [Int], offsets.count == 2
      else { throw malformed("tensor '\(name)' lacks its dtype, shape or data_offsets") }
      guard let dtype = dtypes[dtypeCode] else { throw malformed("tensor '\(name)' has dtype '\(dtypeCode)'") }
      guard offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= dataSize else {
        throw malformed("tensor '\(name)' lies outside of the file")
      }
      guard let bytes = byteCount(shape, dtype), bytes == offsets[1] - offsets[0] else {
        throw malformed("tensor '\(name)' of shape \(shape) and dtype \(dtype) does not take its \(offsets) bytes")
      }
      entries.append(Entry(name: name, dtype: dtype, shape: shape, range: offsets[0]..<offsets[1]))
    }
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound, $0.name) < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }
    var end = 0
    for entry in entries {
      guard entry.range.lowerBound == end else { throw malformed("tensor '\(entry.name)' overlaps or leaves a gap") }
      end = entry.range.upperBound
    }
    guard end == dataSize else { throw malformed("\(dataSize - end) bytes at its end belong to no tensor") }
    return (entries, metadata, 8 + Int(size))
  }

  /// nil for a negative size, or a product that overflows.
  private static func byteCount(_ shape: [Int], _ dtype: DType) -> Int? {
    var bytes = dtype.byteCount
    for size in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow else { return nil }
      bytes = product
    }
    return bytes
  }
}
