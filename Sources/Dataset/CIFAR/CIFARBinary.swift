// The binary version of CIFAR-10 (A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009) as an
// image folder. A file is a row of records: one byte of label, then 1024 bytes each of red, green and blue, row by row.
// PNG keeps every value.

import Augment

/// Reads the binary version of CIFAR-10.
public enum CIFARBinary {
  /// The length of a side of an image, in pixels.
  public static let side = 32
  /// The bytes of one record.
  public static let recordBytes = 1 + 3 * side * side

  private static let numClasses = 10
  private static let classFile: BytePath = "batches.meta.txt"
  /// The parts of the set and the files that hold them.
  private static let parts: [(folder: BytePath, files: [String])] = [
    ("train", (1...5).map { "data_batch_\($0)" }), ("validation", ["test_batch"]),
  ]

  /// Writes the files in `folder` as `out/train/CLASS/BATCH-NUMBER.png` and `out/validation/CLASS/...`, a file named for
  /// the batch and the place in it. `out` must be empty; where this throws, what was written is the caller's to remove.
  ///
  /// - Parameter progress: Told how many images of how many are written; what it throws ends the work.
  /// - Returns: How many images there are.
  /// - Throws: `CIFARError`, `FileError`, `ImageError`.
  public static func write(
    _ folder: BytePath, to out: BytePath, progress: (_ numDone: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> Int {
    let classes = try classNames(in: folder)
    let files = try parts.flatMap { part in
      try part.files.map { name in
        let path = folder.appending(BytePath("\(name).bin"))
        return (part: part.folder, name: name, path: path, count: try numRecords(in: path))
      }
    }
    let total = files.reduce(0) { $0 + $1.count }
    for part in parts {
      for name in classes { try FileTree.makeFolders(out.appending(part.folder).appending(name)) }
    }
    var numDone = 0
    for file in files {
      // One file at a time, so that memory stays at 31 MB.
      let bytes = try FileReader.read(file.path, limit: file.count * recordBytes)
      for index in 0..<bytes.count / recordBytes {
        let record = bytes[index * recordBytes..<(index + 1) * recordBytes]
        let label = Int(record.first ?? 0)
        guard label < numClasses else {
          throw CIFARError.badLabel(file: "\(file.name).bin", record: index, label: label)
        }
        let png = try PNGEncoder().encode(image(Array(record.dropFirst())))
        let digits = String(index)
        let name = "\(file.name)-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".png"
        try FileWriter.writeNew(png, to: out.appending(file.part).appending(classes[label]).appending(BytePath(name)))
        numDone += 1
        try progress(numDone, total)
      }
    }
    return numDone
  }

  /// The pixels of three planes.
  private static func image(_ planes: [UInt8]) -> ImageBuffer {
    let area = side * side
    var pixels = [UInt8](repeating: 0, count: 3 * area)
    for pixel in 0..<area {
      for channel in 0..<3 { pixels[3 * pixel + channel] = planes[channel * area + pixel] }
    }
    return ImageBuffer(width: side, height: side, pixels: pixels)
  }

  private static func numRecords(in path: BytePath) throws -> Int {
    guard FileTree.exists(path) else { throw missing(path) }
    let size = try FileReader.readEnds(path, head: 0, tail: 0).fileSize
    guard size > 0, size % recordBytes == 0, size <= FileReader.defaultLimit else {
      throw CIFARError.badLength(file: path.lastComponent.description, count: size)
    }
    return size / recordBytes
  }

  /// Ten names, one on each line, that are safe as folders.
  private static func classNames(in folder: BytePath) throws -> [BytePath] {
    let path = folder.appending(classFile)
    guard FileTree.exists(path) else { throw missing(path) }
    let text = try FileReader.read(path, limit: 64 << 10)
    let names = text.split { $0 == 10 || $0 == 13 }.map { Array($0) }.filter { !$0.isEmpty }
    let areSafe = names.allSatisfy { name in
      name.count <= 64 && name.first != UInt8(ascii: ".") && name.allSatisfy { $0 > 32 && $0 < 127 && $0 != 47 }
    }
    guard names.count == numClasses, Set(names).count == numClasses, areSafe else {
      throw CIFARError.badClasses(file: classFile.description)
    }
    return names.map { BytePath(bytes: $0) }
  }

  private static func missing(_ path: BytePath) -> CIFARError {
    .missing(file: path.lastComponent.description, folder: path.parent.description)
  }
}

/// A CIFAR-10 file that is not what it should be.
public enum CIFARError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A folder without the files of the binary version.
  case missing(file: String, folder: String)
  /// A file that is no row of records.
  case badLength(file: String, count: Int)
  /// A label that is no class.
  case badLabel(file: String, record: Int, label: Int)
  /// A list of classes that cannot be folders.
  case badClasses(file: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .missing(let file, let folder):
      "there is no \(file) in '\(folder)'; the binary version of CIFAR-10 is needed, cifar-10-binary.tar.gz"
    case .badLength(let file, let count):
      "'\(file)' holds \(count) bytes, which is not a multiple of the record size \(CIFARBinary.recordBytes); get it again"
    case .badLabel(let file, let record, let label):
      "record \(record) of '\(file)' has the label \(label), and CIFAR-10 has 0 to 9; get it again"
    case .badClasses(let file): "'\(file)' does not list ten names that folders can have; get it again"
    }
  }
}
