import Augment
import DataTestSupport
import Foundation
import TFRecord

@testable import Dataset

/// Folders of small images, and shards of them.
struct ShardFixture {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/tfrecord")

  let scratch: ScratchFolder
  var raw: BytePath { scratch.path.appending("raw") }
  var out: BytePath { scratch.path.appending("out") }

  /// `raw/train/CLASS/N.jpg` and `raw/validation/CLASS/N.jpg` with images of different sizes in three classes.
  init(numTrain: Int = 20, numValidation: Int = 7) throws {
    scratch = try ScratchFolder()
    for (part, count) in [("train", numTrain), ("validation", numValidation)] {
      for number in 0..<count {
        let image = LoaderFixture.image(number + 100 * part.utf8.count, width: 24 + number % 7, height: 20 + number % 5)
        try scratch.write(
          JPEGEncoder(quality: 80).encode(image), BytePath("raw/\(part)/class\(number % 3)/\(100 + number).jpg"))
      }
    }
  }

  /// The set that TensorFlow wrote, as a copy that may be changed.
  static func imagenet(_ name: String = "imagenet") throws -> ScratchFolder {
    let scratch = try ScratchFolder()
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: name).path) {
      let bytes = try Data(contentsOf: folder.appending(path: "\(name)/\(file)"))
      try scratch.write([UInt8](bytes), BytePath("set/\(file)"))
    }
    return scratch
  }

  func options(_ shards: String = "3,2", _ change: (inout ShardOptions) -> Void = { _ in }) throws -> ShardOptions {
    var options = ShardOptions()
    options.shards = try ShardCount(parsing: shards)
    change(&options)
    return options
  }

  @discardableResult
  func pack(
    to name: BytePath = "out", _ shards: String = "3,2", _ change: (inout ShardOptions) -> Void = { _ in }
  ) throws -> ShardResult {
    try ShardPacking.pack(raw, to: scratch.path.appending(name), options: options(shards, change))
  }

  func bytes(_ name: String) throws -> [UInt8] { try FileReader.read(scratch.path.appending(BytePath(name))) }

  /// All files of a folder with their bytes, hidden ones included.
  func contents(_ name: String) throws -> [String: [UInt8]] {
    let root = scratch.path.appending(BytePath(name)).description
    var contents: [String: [UInt8]] = [:]
    for case let file as String in FileManager.default.enumerator(atPath: root)! {
      let path = BytePath("\(root)/\(file)")
      if FileTree.folderIdentity(path) == nil { contents[file] = try FileReader.read(path) }
    }
    return contents
  }

  /// Changes a byte of a file.
  static func flip(_ file: BytePath, at offset: Int) throws {
    var bytes = try FileReader.read(file)
    bytes[offset] ^= 0x55
    try FileWriter.writeAtomically(bytes, to: file)
  }
}

extension ShardedDataset {
  /// The images by the names of their files, with their labels.
  func imagesByName() throws -> [String: [UInt8]] {
    var images: [String: [UInt8]] = [:]
    for index in 0..<count {
      let example = try Example(payload(at: index))
      guard case .bytes(let names)? = example.features[ImageExample.filenameName] else { continue }
      images["\(classes[label(at: index)])/\(String(decoding: names[0], as: UTF8.self))"] = try read(
        at: index, limit: 1 << 20)
    }
    return images
  }
}
