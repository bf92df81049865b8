import Foundation
import Testing

@testable import TFRecord

@Suite struct RecordFilePlaceTests {
  private let sound: [UInt8]
  private let index: RecordIndex

  init() throws {
    sound = try TFRecordFixtures.bytes("imagenet/train-00000-of-00002")
    index = try RecordFile(path: TFRecordFixtures.path("imagenet/train-00000-of-00002")).scan()
  }

  private func reason(_ bytes: [UInt8], _ body: (RecordFile) throws -> Void) throws -> RecordError {
    try TFRecordFixtures.withFile(bytes) { path in
      let file = try RecordFile(path: path)
      return try #require(throws: RecordError.self) { try body(file) }
    }
  }

  @Test func recordsAreReadInAnyOrder() throws {
    let reader = try RecordReader(path: TFRecordFixtures.path("imagenet/train-00000-of-00002"))
    var payloads: [[UInt8]] = []
    while let payload = try reader.next() { payloads.append(payload) }
    let file = try RecordFile(path: reader.path)
    for record in [3, 0, 2, 1] {
      #expect(try file.payload(in: index[record]) == payloads[record])
      let facts = try file.facts(in: index[record])
      let (image, label) = try file.image(in: index[record], verify: true, limit: 1 << 20)
      #expect(try Example(payloads[record]).features[ImageExample.imageName] == .bytes([image]))
      #expect(label == facts.label)
      #expect(try file.bytes(in: try #require(facts.image), ofRecord: 0) == image)
      #expect(String(decoding: facts.className, as: UTF8.self) == ["daisy", "roses", "tulips"][record % 3])
      #expect(String(decoding: facts.filename, as: UTF8.self).hasSuffix("_\(record).JPEG"))
    }
  }

  @Test func everyFlippedBitIsFound() throws {
    let range = index[1]
    for offset in range {
      var damaged = sound
      damaged[offset] ^= UInt8(1 << (offset % 8))
      let error = try reason(damaged) { _ = try $0.payload(in: range) }
      #expect(error.offset == range.lowerBound)
      #expect(error.reason == (offset - range.lowerBound < 12 ? .corruptLength : .corruptPayload))
      // Without the check of the payload, what is read is the damaged payload, or the image is not found.
      if offset - range.lowerBound >= 12, offset < range.upperBound - 4 {
        try TFRecordFixtures.withFile(damaged) { path in
          let payload = try RecordFile(path: path).payload(in: range, verify: false)
          #expect(payload == Array(damaged[(range.lowerBound + 12)..<(range.upperBound - 4)]))
        }
      }
    }
  }

  @Test func placesThatLieAreRefused() throws {
    let size = sound.count
    for range in [0..<15, -16..<16, size - 8..<size + 8, size..<size + 16, 4..<index[0].count + 4] {
      _ = try reason(sound) { _ = try $0.payload(in: range) }
    }
    let error = try reason(sound) { _ = try $0.payload(in: 0..<index[1].upperBound) }
    #expect(error.reason == .indexMismatch(size: index[1].upperBound, length: UInt64(index[0].count - 16)))
    _ = try reason(sound) { _ = try $0.facts(in: 0..<index[1].upperBound) }
    _ = try reason(sound) { _ = try $0.length(at: .max) }
    _ = try reason(sound) { _ = try $0.length(at: -1) }
  }

  @Test func aFileThatShrinksIsAnError() throws {
    try TFRecordFixtures.withFile(sound) { path in
      let file = try RecordFile(path: path)
      truncate(path, off_t(index[2].lowerBound + 100))
      #expect(throws: RecordError(path: path, offset: index[2].lowerBound, reason: .truncated)) {
        try file.payload(in: index[2])
      }
      #expect(try file.payload(in: index[1]).count == index[1].count - 16)
    }
  }

  @Test func scansEndAtDamage() throws {
    for count in 1..<sound.count where !(0..<index.count).contains(where: { index[$0].upperBound == count }) {
      let error = try reason(Array(sound[..<count])) { _ = try $0.scan() }
      #expect(error.reason == .truncated)
      #expect((0..<index.count).contains { index[$0].lowerBound == error.offset && index[$0].contains(count - 1) })
    }
    // A length of 2^64 - 16 whose checksum is right must not wrap around.
    let length = withUnsafeBytes(of: (UInt64.max - 15).littleEndian) { Array($0) }
    let hostile = length + RecordFrame.littleEndianBytes(MaskedCRC32C.checksum(length)) + [0, 0, 0, 0]
    let error = try reason(hostile) { _ = try $0.scan() }
    #expect(error.reason == .tooLong(length: .max - 15, maximum: 1 << 30))
  }

  @Test func largeRecordsNeedNoMemoryToBeRefused() throws {
    // A sparse file whose one record claims, with right checksums of its length, a gigabyte.
    let length = withUnsafeBytes(of: UInt64(1 << 30).littleEndian) { Array($0) }
    try TFRecordFixtures.withFile(length + RecordFrame.littleEndianBytes(MaskedCRC32C.checksum(length))) { path in
      truncate(path, off_t(1 << 30 + 16))
      let file = try RecordFile(path: path)
      let all = 0..<(1 << 30 + 16)
      let error = try #require(throws: RecordError.self) { try file.image(in: all, verify: true, limit: 1 << 20) }
      #expect(error.reason == .tooLong(length: UInt64(all.count), maximum: 1 << 20))
      // Zeros are no Example, which the first bytes tell.
      #expect(throws: RecordError.self) { try file.facts(in: all) }
    }
  }

  @Test func whatIsNoImageIsTold() throws {
    let records: [(Example, String)] = [
      (Example(features: ["other": .integer(1)]), "no 'image/encoded'"),
      (Example(features: [ImageExample.imageName: .integer(1)]), "no 'image/encoded'"),
      (Example(features: [ImageExample.imageName: .bytes([])]), "no 'image/encoded'"),
    ]
    for (example, words) in records {
      let error = try reason(RecordFrame.framed(example.payload)) { file in
        _ = try file.image(in: 0..<file.size, verify: true, limit: 100)
      }
      #expect(error.description.contains(words))
    }
    let error = try reason(RecordFrame.framed([0xFF])) { file in
      _ = try file.image(in: 0..<file.size, verify: true, limit: 100)
    }
    #expect(error.description.contains("no tf.train.Example"))
  }

  @Test func filesThatCannotBeOpened() throws {
    #expect(throws: RecordError.self) { try RecordFile(path: NSTemporaryDirectory() + "not there") }
    #expect(throws: RecordError.self) { try RecordFile(path: NSTemporaryDirectory()) }
    #expect(throws: RecordError.self) { try RecordFile(path: "/dev/zero") }
  }

  /// Whatever the bytes of a file, reading it gives records or errors.
  @Test func damagedFilesAreReadOrRefused() throws {
    var random = TFRecordFixtures.Numbers(state: 11)
    var numSound = 0
    for _ in 0..<600 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &random)
      }
      bytes.removeLast(Bool.random(using: &random) ? 0 : Int.random(in: 0..<bytes.count, using: &random))
      try TFRecordFixtures.withFile(bytes) { path in
        let file = try RecordFile(path: path)
        _ = try? file.scan()
        for record in 0..<index.count {
          for verify in [true, false] {
            guard let (image, _) = try? file.image(in: index[record], verify: verify, limit: 1 << 20) else { continue }
            if verify { numSound += 1 }
            #expect(image.count <= index[record].count)
          }
          _ = try? file.facts(in: index[record])
        }
      }
    }
    #expect(numSound > 300)
  }
}
