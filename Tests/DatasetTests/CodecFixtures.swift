import Augment
import Foundation
import Testing

/// The files of Tests/Fixtures/images and their pixels as Pillow reads them (scripts/reference/make_image_fixtures.py).
struct CodecFixtures: Decodable {
  struct Image: Decodable, Sendable, CustomTestStringConvertible {
    var file: String
    var offset: Int
    var format: String
    var width: Int
    var height: Int
    var orientation: Int
    var referenceWidth: Int
    var referenceHeight: Int

    var testDescription: String { file }

    /// The file's bytes.
    var bytes: [UInt8] { CodecFixtures.bytes(of: file) }

    /// The pixels that Pillow finds in the file, oriented.
    var reference: ImageBuffer {
      let count = referenceWidth * referenceHeight * 3
      let pixels = Array(CodecFixtures.references[offset..<offset + count])
      return ImageBuffer(width: referenceWidth, height: referenceHeight, pixels: pixels)
    }
  }

  var images: [Image]

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/images")
  static let all = try! JSONDecoder().decode(
    CodecFixtures.self, from: Data(contentsOf: folder.appending(path: "index.json")))
  static let references = bytes(of: "references.bin")

  static func bytes(of file: String) -> [UInt8] {
    [UInt8](try! Data(contentsOf: folder.appending(path: file)))
  }

  /// The largest difference of two samples at the same place, or nil where the sizes differ.
  static func largestDifference(_ a: ImageBuffer, _ b: ImageBuffer) -> Int? {
    guard a.width == b.width, a.height == b.height else { return nil }
    return zip(a.pixels, b.pixels).lazy.map { abs(Int($0) - Int($1)) }.max()
  }
}
