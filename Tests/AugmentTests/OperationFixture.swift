import Augment
import Foundation
import Preprocessing
import Testing

/// One image operation as Pillow, torchvision or timm computed it (scripts/reference/make_operation_fixtures.py).
struct OperationFixture: Decodable, Sendable, CustomTestStringConvertible {
  struct Place: Decodable, Sendable {
    var offset: Int
    var width: Int
    var height: Int
  }
  struct Arguments: Decodable, Sendable {
    var cutoff: Double?
    var bits: Int?
    var threshold: Int?
    var addition: Int?
    var factor: Double?
    var amount: Double?
    var matrix: [Double]?
    var degrees: Double?
    var expand: Bool?
    var x: Double?
    var y: Double?
    var scale: Double?
    var shearX: Double?
    var shearY: Double?
    var radius: Double?
    var size: Int?
    var sigma: Double?
    var interpolation: Interpolation?
  }
  struct Index: Decodable {
    var sources: [Place]
    var cases: [OperationFixture]
  }

  var operation: String
  var arguments: Arguments
  var source: Int
  var offset: Int
  var width: Int
  var height: Int

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/operations")
  static let index: Index = {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try! decoder.decode(Index.self, from: Data(contentsOf: folder.appending(path: "index.json")))
  }()
  static let references = [UInt8](try! Data(contentsOf: folder.appending(path: "references.bin")))
  static let fill: (UInt8, UInt8, UInt8) = (124, 116, 104)

  static func image(_ place: Place) -> ImageBuffer {
    let count = place.width * place.height * 3
    return ImageBuffer(
      width: place.width, height: place.height, pixels: Array(references[place.offset..<place.offset + count]))
  }

  /// The image that went in.
  var input: ImageBuffer { Self.image(Self.index.sources[source]) }
  /// The image that must come out.
  var expected: ImageBuffer { Self.image(Place(offset: offset, width: width, height: height)) }

  var testDescription: String { "\(operation) of source \(source), bytes from \(offset)" }

  /// Whether the result does not depend on the image.
  var isConstant: Bool {
    let first = expected[0, 0]
    let isUniform = expected.pixels.enumerated().allSatisfy {
      $1 == ($0 % 3 == 0 ? first.red : $0 % 3 == 1 ? first.green : first.blue)
    }
    return isUniform
  }

  /// The same with one argument moved a little, for each argument that the result depends on.
  var withWrongArguments: [OperationFixture] {
    guard !isConstant, !["invert", "equalize", "grayscale"].contains(operation) else { return [] }
    var wrong: [OperationFixture] = []
    func add(_ change: (inout Arguments) -> Void) {
      var copy = self
      change(&copy.arguments)
      wrong.append(copy)
    }
    if let factor = arguments.factor { add { $0.factor = factor + 0.2 } }
    if let amount = arguments.amount { add { $0.amount = amount > 0 ? amount - 0.1 : amount + 0.1 } }
    if let threshold = arguments.threshold, operation == "solarize" {
      add { $0.threshold = threshold < 200 ? threshold + 40 : threshold - 40 }
    }
    if let bits = arguments.bits { add { $0.bits = bits - 1 } }
    if let x = arguments.x { add { $0.x = x + 1 } }
    if let y = arguments.y { add { $0.y = y + 1 } }
    if let degrees = arguments.degrees { add { $0.degrees = degrees + 9 } }
    if let radius = arguments.radius, radius < 10 { add { $0.radius = radius + 0.6 } }
    if let sigma = arguments.sigma, sigma < 2, arguments.size != 1 { add { $0.sigma = sigma + 1 } }
    return wrong
  }

  /// What the operation makes of an image.
  func result(_ image: ImageBuffer) -> ImageBuffer {
    let (a, kind, fill) = (arguments, arguments.interpolation ?? .nearest, Self.fill)
    switch operation {
    case "equalize": return image.equalized()
    case "auto_contrast": return image.autoContrast(cutoff: a.cutoff!)
    case "invert": return image.inverted()
    case "posterize": return image.posterized(bits: a.bits!)
    case "solarize": return image.solarized(threshold: a.threshold!)
    case "solarize_add": return image.solarizedAdd(a.addition!, threshold: a.threshold!)
    case "color": return image.color(a.factor!)
    case "contrast": return image.contrast(a.factor!)
    case "brightness": return image.brightness(a.factor!)
    case "sharpness": return image.sharpness(a.factor!)
    case "desaturate": return image.desaturated(a.amount!)
    case "grayscale": return image.grayscale()
    case "hue": return image.hueShifted(by: a.amount!)
    case "blend": return image.blended(with: image.turnedUpsideDown(), a.factor!)
    case "affine":
      let m = a.matrix!
      return image.affine(AffineMatrix(m[0], m[1], m[2], m[3], m[4], m[5]), interpolation: kind, fill: fill)
    case "rotate":
      return image.rotated(degrees: a.degrees!, interpolation: kind, fill: fill, expand: a.expand ?? false)
    case "shear_x": return image.sheared(x: a.amount!, interpolation: kind, fill: fill)
    case "shear_y": return image.sheared(y: a.amount!, interpolation: kind, fill: fill)
    case "translate": return image.translated(x: a.x!, y: a.y!, interpolation: kind, fill: fill)
    case "torchvision_affine":
      let matrix = AffineMatrix(
        degrees: a.degrees!, translation: (a.x!, a.y!), scale: a.scale!, shearDegrees: (a.shearX!, a.shearY!),
        center: (Double(image.width) / 2, Double(image.height) / 2))
      return image.affine(matrix, interpolation: kind, fill: fill)
    case "resize": return image.resized(width: width, height: height, interpolation: kind)
    case "gaussian_blur": return image.gaussianBlurred(radius: a.radius!)
    case "gaussian_kernel": return image.gaussianBlurred(kernelSize: a.size!, sigma: a.sigma!)
    default: preconditionFailure("the operation \(operation) is unknown")
    }
  }
}

extension ImageBuffer {
  /// The rows in the opposite order.
  func turnedUpsideDown() -> ImageBuffer {
    let rowSize = width * 3
    let rows = (0..<height).reversed().flatMap { pixels[$0 * rowSize..<($0 + 1) * rowSize] }
    return ImageBuffer(width: width, height: height, pixels: rows)
  }

  /// The largest difference of a sample from that of another image of the same size, and how many samples differ.
  func difference(from other: ImageBuffer) -> (largest: Int, count: Int) {
    let differences = zip(pixels, other.pixels).map { abs(Int($0) - Int($1)) }
    return (differences.max() ?? 0, differences.count { $0 > 0 })
  }
}
