import Foundation
import Testing

@testable import TFRecord

@Suite struct ExampleTests {
  private func payloads(_ name: String) throws -> [[UInt8]] {
    let file = try RecordFile(path: TFRecordFixtures.path(name))
    let index = try file.scan()
    return try (0..<index.count).map { try file.payload(in: index[$0]) }
  }

  /// The values that make_tfrecord_fixtures.py gave to TensorFlow.
  private let every: [String: Example.Feature] = [
    "bytes": .bytes([[], [0, 255], Array("ä".utf8)]), "ints": .integers([0, 1, -1, 127, 128, .max, .min]),
    "floats": .floats([0, -1.5, 3.4e38, .infinity]), "empty_ints": .integers([]), "empty_bytes": .bytes([]),
  ]

  @Test func whatTensorFlowWroteIsRead() throws {
    let payloads = try payloads("features.tfrecord")
    #expect(try Example(payloads[0]).features == every)
    #expect(
      try Example(payloads[1]).features == [
        "unpacked": .integers([5, -1]), "mixed": .integers([7, 8, 150]), "floats": .floats([0.5, -2]),
        "twice": .text("new"), "value_first": .text("v"), "two_lists": .integers([1, 2]),
      ])
    #expect(try Example(payloads[2]).features == ["a": .integer(1), "b": .integer(2)])
  }

  /// TensorFlow's own bytes, but for the one feature without a list, which is left out here.
  @Test func whatIsWrittenAreTensorFlowsBytes() throws {
    let theirs = try payloads("features.tfrecord")[0]
    let nothing: [UInt8] = [0x0A, 11, 0x0A, 7] + Array("nothing".utf8) + [0x12, 0]
    let at = try #require(theirs.indices.first { theirs[$0...].starts(with: nothing) })
    let without = Array(theirs[..<at]) + Array(theirs[(at + nothing.count)...])
    // The length of all features is two bytes long here, of which the lower seven bits stand in the first.
    var expected = without
    expected[1] -= UInt8(nothing.count)
    #expect(Example(features: every).payload == expected)
    for payload in try payloads("imagenet/train-00000-of-00002") { #expect(try Example(payload).payload == payload) }
  }

  @Test func imagesAreFoundWhereTheyLie() throws {
    for (number, payload) in try payloads("imagenet/train-00000-of-00002").enumerated() {
      let features = try Example(payload).features
      try payload.withUnsafeBytes { bytes in
        let found = try ImageExample(bytes)
        #expect(features[ImageExample.imageName] == .bytes([Array(bytes[try #require(found.image)])]))
        #expect(found.label == Int64(1 + number % 3))
        #expect(features[ImageExample.textName] == .bytes([Array(bytes[try #require(found.text)])]))
        #expect(features[ImageExample.synsetName] == .bytes([Array(bytes[try #require(found.synset)])]))
        #expect(features[ImageExample.filenameName] == .bytes([Array(bytes[try #require(found.filename)])]))
      }
    }
  }

  @Test func anImageIsWrittenAsTensorFlowDoes() throws {
    for payload in try payloads("imagenet/train-00000-of-00002") {
      var features = try Example(payload).features
      guard case .bytes(let images) = features.removeValue(forKey: ImageExample.imageName) else {
        Issue.record("no image")
        continue
      }
      var written: [UInt8] = []
      images[0].withUnsafeBytes { ImageExample.append(image: $0, features: features, to: &written) }
      #expect(written == payload)
    }
  }

  @Test func anotherLabelLeavesTheRestAlone() throws {
    for payload in try payloads("imagenet/train-00000-of-00002") {
      var expected = try Example(payload)
      expected.features[ImageExample.labelName] = .integer(300)
      var written: [UInt8] = []
      try payload.withUnsafeBytes { try ImageExample.append($0, relabelled: 300, to: &written) }
      #expect(written == expected.payload)
    }
    // A record without a label gets one.
    var written: [UInt8] = []
    let bare = Example(features: ["a": .text("b")])
    try bare.payload.withUnsafeBytes { try ImageExample.append($0, relabelled: 2, to: &written) }
    #expect(try Example(written).features == ["a": .text("b"), ImageExample.labelName: .integer(2)])
  }

  @Test func framesMadeInPlaceAreTheSame() throws {
    var bytes: [UInt8] = []
    for payload in try payloads("framing.tfrecord") {
      let size = RecordFrame.append(to: &bytes) { $0 += payload }
      #expect(size == payload.count + RecordFrame.overhead)
    }
    #expect(bytes == (try TFRecordFixtures.bytes("framing.tfrecord")))
    #expect(throws: ExampleError.self) {
      try RecordFrame.append(to: &bytes) { (payload: inout [UInt8]) throws(ExampleError) in
        payload += [1, 2, 3]
        throw ExampleError("planted")
      }
    }
    #expect(bytes == (try TFRecordFixtures.bytes("framing.tfrecord")))
  }

  @Test(
    arguments: [
      ([0x0A], "ends within"), ([0x0A, 0x05, 1], "5 bytes"), ([0x00], "without a number"), ([0x0E], "unknown kind"),
      ([0x0A] + [UInt8](repeating: 0xFF, count: 10), "64 bits"), ([0x0A] + [UInt8](repeating: 0xFF, count: 9), "ends"),
      ([0x13], "group without an end"), ([0x14], "without a beginning"), ([0x13, 0x1C], "without a beginning"),
      ([UInt8](repeating: 0x13, count: 100), "group"), ([0x15, 0, 0], "ends within"),
    ] as [([UInt8], String)]) func whatIsMalformedIsTold(bytes: [UInt8], words: String) throws
  {
    let error = try #require(throws: ExampleError.self) { try Example(bytes) }
    #expect(error.description.contains(words))
    #expect(throws: ExampleError.self) { try bytes.withUnsafeBytes { try ImageExample($0) } }
  }

  /// Both readers agree, whatever the bytes, on whether they are an Example with an image and on the image.
  @Test func damagedBytesAreReadOrRefused() throws {
    var random = TFRecordFixtures.Numbers(state: 7)
    let sound = try payloads("imagenet/train-00000-of-00002") + payloads("features.tfrecord")
    var numRead = 0
    for round in 0..<20_000 {
      var bytes = sound[round % sound.count]
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where !bytes.isEmpty:
          bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
        case 1 where !bytes.isEmpty: bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
        case 2:
          bytes.insert(
            contentsOf: [0xFF, 0xFF, 0xFF, 0x0F], at: Int.random(in: 0...min(200, bytes.count), using: &random))
        default:
          if let place = bytes.indices.prefix(120).randomElement(using: &random) {
            bytes[place] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &random)
          }
        }
      }
      let whole = try? Example(bytes)
      let found = try? bytes.withUnsafeBytes { try ImageExample($0) }
      #expect((whole == nil) == (found == nil) || whole == nil, "round \(round)")
      if let whole, let image = found?.image, case .bytes(let images)? = whole.features[ImageExample.imageName] {
        #expect(images.first == Array(bytes[image]))
        numRead += 1
      }
    }
    #expect(numRead > 100)
  }

  /// A list cut into a great many pieces takes time in proportion, not to the square of their number.
  @Test func manyListsAreJoinedInPlace() throws {
    let numLists = 200_000
    var lists: [UInt8] = []
    for _ in 0..<numLists { lists += [0x1A, 3, 0x0A, 1, 7] }
    var value: [UInt8] = []
    value.appendField(1, Array("k".utf8))
    value.appendField(2, lists)
    var entry: [UInt8] = []
    entry.appendField(1, value)
    var payload: [UInt8] = []
    payload.appendField(1, entry)
    #expect(try Example(payload).features == ["k": .integers(Array(repeating: 7, count: numLists))])
  }
}
