// Where the records of a file begin: the `.idx` file beside it, a line `offset size` for each record in decimal, the
// size with the 16 bytes of the frame. The same as DALI's tfrecord2idx writes.

/// The index of a record file. Records follow one another without gaps from the first byte to the last.
public struct RecordIndex: Sendable, Equatable {
  /// Where each record begins, and at the end where the last one ends.
  private let offsets: [Int]

  init(offsets: [Int]) { self.offsets = offsets }

  /// The index of records of these sizes in bytes, frames included.
  public init(sizes: [Int]) {
    var offsets = [0]
    offsets.reserveCapacity(sizes.count + 1)
    for size in sizes { offsets.append(offsets[offsets.count - 1] + size) }
    self.init(offsets: offsets)
  }

  /// Reads the text of an index file that belongs to a file of `fileSize` bytes.
  /// - Returns: nil where it is not one, or does not fit: gaps, overlaps, an end before or behind the file's.
  public init?(_ text: [UInt8], fileSize: Int) {
    var offsets = [0]
    var numbers = 0
    var (offset, value): (Int, Int?) = (0, nil)
    // A closing line break is often missing; a zero byte never stands for one.
    for byte in text + [UInt8(ascii: "\n")] {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let digit = Int(byte - UInt8(ascii: "0"))
        let next = (value ?? 0).multipliedReportingOverflow(by: 10)
        guard !next.overflow, next.partialValue <= fileSize else { return nil }
        value = next.partialValue + digit
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
        if let number = value {
          value = nil
          numbers += 1
          if numbers == 1 {
            offset = number
          } else {
            guard numbers == 2, offset == offsets[offsets.count - 1], number >= RecordFrame.overhead,
              number <= fileSize - offset
            else { return nil }
            offsets.append(offset + number)
          }
        }
        if byte == UInt8(ascii: "\n") {
          guard numbers != 1 else { return nil }
          numbers = 0
        }
      default: return nil
      }
    }
    guard offsets[offsets.count - 1] == fileSize else { return nil }
    self.init(offsets: offsets)
  }

  /// The number of records.
  public var count: Int { offsets.count - 1 }

  /// The size of the file in bytes.
  public var fileSize: Int { offsets[offsets.count - 1] }

  /// Where a record lies in the file, frame included.
  public subscript(record: Int) -> Range<Int> { offsets[record]..<offsets[record + 1] }

  /// The text of the index file.
  public var text: [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(count * 20)
    for record in 0..<count { text += "\(self[record].lowerBound) \(self[record].count)\n".utf8 }
    return text
  }
}
