import Augment
public import Dataset
import Foundation

/// A folder of small pictures in three classes, `train/CLASS/` and `validation/CLASS/`, removed with the object.
public final class SmallImageSet {
  /// The folder.
  public let path: String

  /// Writes the pictures: PNG files of 20 x 18 pixels or so, whose colours tell the class, with noise.
  public init(numTrain: Int, numValidation: Int) throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("vitrail-set-\(UUID().uuidString)").path
    for (part, count) in [("train", numTrain), ("validation", numValidation)] {
      for number in 0..<count {
        let folder = "\(path)/\(part)/class\(number % 3)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let bytes = try PNGEncoder().encode(Self.picture(number, of: number % 3, salt: part.utf8.count))
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(String(1000 + number)).png"))
      }
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The images of `train` or `validation`.
  public func folder(_ part: String) throws -> ImageFolder { try ImageFolder(root: BytePath("\(path)/\(part)")) }

  /// Breaks the pixels of an image of a part, by its place in the part's folder; the header stays whole.
  /// - Returns: the file's path below the part.
  @discardableResult
  public func breakPixels(_ part: String, at index: Int) throws -> String {
    try rewrite(part, at: index) { data in
      for offset in data.count / 2..<data.count / 2 + 40 { data[offset] ^= 0x5a }
    }
  }

  /// Replaces an image of a part, by its place in the part's folder, by what is no image.
  /// - Returns: the file's path below the part.
  @discardableResult
  public func breakHeader(_ part: String, at index: Int) throws -> String {
    try rewrite(part, at: index) { $0 = Data("this is no image".utf8) }
  }

  private func rewrite(_ part: String, at index: Int, _ change: (inout Data) -> Void) throws -> String {
    let name = try folder(part).name(at: index)
    let file = URL(fileURLWithPath: "\(path)/\(part)/\(name)")
    var data = try Data(contentsOf: file)
    change(&data)
    try data.write(to: file)
    return name
  }

  private static func picture(_ number: Int, of label: Int, salt: Int) -> ImageBuffer {
    let (width, height) = (20 + number % 5, 18 + number % 4)
    var state = UInt64(number * 31 + salt) &* 0x9e37_79b9_7f4a_7c15
    var image = ImageBuffer(width: width, height: height)
    for index in image.pixels.indices {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let noise = Int(state >> 58)
      let column = index / 3 % width
      image.pixels[index] = UInt8((index % 3 == label ? 90 : 30) + noise + column * (label + 1))
    }
    return image
  }
}
