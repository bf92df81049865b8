import Augment
import Foundation
import Preprocessing

/// What a policy of torchvision or timm chose for an image, and the pixels that it made
/// (scripts/reference/make_policy_fixtures.py).
struct PolicyFixture: Decodable, Sendable {
  struct Step: Decodable, Sendable {
    var name: String
    var magnitude: Double?
    var filter: Interpolation?
    var level: Double?
    var negated: Bool?
    var arguments: [Double]?
    var blurPosition: Double?
  }
  struct Chain: Decodable, Sendable {
    var weight: Float
    var steps: [Step]
  }
  struct File: Decodable, Sendable {
    var width: Int
    var height: Int
    var cases: [PolicyFixture]
  }

  var policy: String
  var offset: Int
  var steps: [Step]?
  var chains: [Chain]?
  var config: String?
  var fill: [Int]?
  var originalWeight: Float?
  var part: Float?
  var order: [Int]?
  var brightness: Double?
  var contrast: Double?
  var saturation: Double?
  var hue: Double?
  var x: Int?
  var y: Int?
  var mode: PaddingMode?

  var fillColor: (UInt8, UInt8, UInt8) { fill.map { (UInt8($0[0]), UInt8($0[1]), UInt8($0[2])) } ?? (0, 0, 0) }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/policies")
}

/// A file of policies' results.
struct PolicyResults {
  let file: PolicyFixture.File
  private let bytes: [UInt8]

  init(_ name: String) throws {
    let folder = PolicyFixture.folder
    file = try JSONDecoder().decode(
      PolicyFixture.File.self, from: Data(contentsOf: folder.appending(path: "\(name).json")))
    bytes = [UInt8](try Data(contentsOf: folder.appending(path: "\(name).bin")))
  }

  var source: ImageBuffer { image(at: 0) }

  func image(at offset: Int) -> ImageBuffer {
    ImageBuffer(
      width: file.width, height: file.height,
      pixels: Array(bytes[offset..<offset + file.width * file.height * 3]))
  }

  /// The share of pixels that are within one grey level of the reference, and the largest difference.
  func agreement(_ image: ImageBuffer, _ fixture: PolicyFixture) -> (share: Double, largest: Int) {
    let expected = self.image(at: fixture.offset)
    guard image.width == file.width, image.height == file.height else { return (0, 255) }
    var (numFar, largest) = (0, 0)
    for pixel in 0..<file.width * file.height {
      let difference = (0..<3).map { abs(Int(image.pixels[3 * pixel + $0]) - Int(expected.pixels[3 * pixel + $0])) }
        .max()!
      if difference > 1 { numFar += 1 }
      largest = max(largest, difference)
    }
    return (1 - Double(numFar) / Double(file.width * file.height), largest)
  }
}
