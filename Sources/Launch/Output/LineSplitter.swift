/// Bytes of a stream as whole lines and as progress, that is lines that are drawn over. It holds one line at most.
struct LineSplitter {
  /// A longer line is cut, so that one without an end takes no memory.
  static let limit = 16 << 10

  enum Piece: Equatable {
    /// A line without its end.
    case line([UInt8])
    /// What a carriage return would draw over.
    case progress([UInt8])
  }

  private var pending: [UInt8] = []
  private var isAfterReturn = false
  private var endsWithReturn = false

  /// Takes bytes, and hands out the lines that are whole, and at the end the last progress.
  mutating func feed(_ bytes: some Sequence<UInt8>, _ take: (Piece) -> Void) {
    var progress: [UInt8]?
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\n"):
        take(.line(Self.withoutErasing(pending)))
        pending.removeAll(keepingCapacity: true)
        (isAfterReturn, endsWithReturn, progress) = (false, false, nil)
      case UInt8(ascii: "\r"):
        if endsWithReturn { dropFrame(&progress) }
        endsWithReturn = true
      default:
        if endsWithReturn { dropFrame(&progress) }
        pending.append(byte)
        if pending.count >= Self.limit { cut(take) }
      }
    }
    if isAfterReturn || endsWithReturn, !pending.isEmpty { progress = pending }
    if let progress { take(.progress(Self.withoutErasing(progress))) }
  }

  /// Hands out what is left of a stream that has ended.
  mutating func finish(_ take: (Piece) -> Void) {
    let rest = Self.withoutErasing(pending)
    if !rest.isEmpty, !isAfterReturn { take(.line(rest)) }
    pending = []
  }

  private mutating func dropFrame(_ progress: inout [UInt8]?) {
    if !pending.isEmpty { progress = pending }
    pending.removeAll(keepingCapacity: true)
    (isAfterReturn, endsWithReturn) = (true, false)
  }

  /// Hands out a line that is too long, but for the beginning of a character that goes on.
  private mutating func cut(_ take: (Piece) -> Void) {
    var end = pending.count
    var numBack = 1
    while numBack <= 4, numBack < end {
      let byte = pending[end - numBack]
      if byte & 0xc0 != 0x80 {
        let length = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
        if length > numBack { end -= numBack }
        break
      }
      numBack += 1
    }
    take(.line(Array(pending[..<end])))
    pending.removeFirst(end)
  }

  /// Without the sequences that erase a line, at its ends.
  private static func withoutErasing(_ bytes: [UInt8]) -> [UInt8] {
    let erase = Array("\u{1B}[K".utf8)
    var rest = bytes[...]
    while rest.starts(with: erase) { rest = rest.dropFirst(erase.count) }
    while rest.suffix(erase.count).elementsEqual(erase) { rest = rest.dropLast(erase.count) }
    return Array(rest)
  }
}
