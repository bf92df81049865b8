import Foundation
import TFRecord
import Testing

@Suite struct RecordFileTests {
  private let path = NSTemporaryDirectory() + "records-\(UUID().uuidString)"

  private func written(_ payloads: [[UInt8]]) throws -> [UInt8] {
    let writer = try RecordWriter(creating: path)
    for payload in payloads { try writer.write(payload) }
    try writer.close()
    defer { try? FileManager.default.removeItem(atPath: path) }
    return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  private func read(_ bytes: [UInt8], maximumLength: Int = 1 << 20) throws -> [[UInt8]] {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let reader = try RecordReader(path: path, maximumLength: maximumLength)
    var payloads: [[UInt8]] = []
    while let payload = try reader.next() { payloads.append(payload) }
    return payloads
  }

  private func reason(_ bytes: [UInt8], offset: Int, maximumLength: Int = 1 << 20) throws -> RecordError.Reason {
    let error = try #require(throws: RecordError.self) { try read(bytes, maximumLength: maximumLength) }
    #expect(error.offset == offset)
    #expect("\(error)".contains(path))
    return error.reason
  }

  private let payloads: [[UInt8]] = [[1, 2, 3], [], Array(repeating: 7, count: 100_000), [255]]

  @Test func whatIsWrittenIsRead() throws {
    #expect(try read(try written(payloads)) == payloads)
    #expect(try read([]) == [])
  }

  @Test func framing() throws {
    let bytes = try written([[]])
    #expect(bytes.count == 16)
    #expect(bytes[0..<8].allSatisfy { $0 == 0 })
    #expect(bytes == RecordFrame.framed([]))
  }

  @Test func everyTruncationIsFound() throws {
    let bytes = try written([[1, 2, 3], [4, 5]])
    for count in 1..<bytes.count where count != 19 {
      #expect(try reason(Array(bytes[..<count]), offset: count < 19 ? 0 : 19) == .truncated)
    }
    #expect(try read(Array(bytes[..<19])) == [[1, 2, 3]])
  }

  @Test func everyFlippedBitIsFound() throws {
    let bytes = try written([[1, 2, 3], [4, 5]])
    for index in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[index] ^= 1 << bit
        let record = index < 19 ? 0 : 19
        let isInLength = index - record < 12
        #expect(try reason(damaged, offset: record) == (isInLength ? .corruptLength : .corruptPayload))
      }
    }
  }

  @Test func hugeLengthsAreNotBelieved() throws {
    let length = [UInt8](repeating: 0xFF, count: 8)
    let crc = withUnsafeBytes(of: MaskedCRC32C.checksum(length).littleEndian) { Array($0) }
    #expect(try reason(length + crc + [0, 0, 0, 0], offset: 0) == .tooLong(length: .max, maximum: 1 << 20))
    #expect(try reason(try written(payloads), offset: 35, maximumLength: 10) == .tooLong(length: 100_000, maximum: 10))
    // A length within the limit, but beyond the file.
    #expect(try reason(Array(try written([Array(repeating: 1, count: 1000)])[..<500]), offset: 0) == .truncated)
  }

  @Test func filesThatCannotBeOpened() throws {
    #expect(throws: RecordError.self) { try RecordReader(path: path) }
    #expect(throws: RecordError.self) { try RecordReader(path: NSTemporaryDirectory()) }
    #expect(throws: RecordError.self) { try RecordWriter(creating: path + "/x") }
    _ = try RecordWriter(creating: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(throws: RecordError.self) { try RecordWriter(creating: path) }
  }
}
