public import Augment

/// One image in one file.
public enum ImageFile {
  /// The image of a JPEG, PNG or WebP file, upright as its EXIF orientation asks. Throws a `FileError` with the path where
  /// the file or its contents cannot be read.
  public static func read(_ path: BytePath, with decoder: ImageDecoder = ImageDecoder()) throws -> ImageBuffer {
    let bytes = try FileReader.read(path)
    do {
      return try decoder.decode(bytes)
    } catch {
      throw FileError("read", path, reason: error.description)
    }
  }

  /// The format that a file to be written is given, by the end of its name: JPEG (.jpg, .jpeg) or PNG (.png); nil for
  /// other ends.
  public static func writableFormat(of path: BytePath) -> ImageFormat? {
    switch path.pathExtension.lowercased() {
    case "jpg", "jpeg": .jpeg
    case "png": .png
    default: nil
    }
  }

  /// Whether an image can be written under a name.
  public static func canWrite(to path: BytePath) -> Bool { writableFormat(of: path) != nil }

  /// Writes an image in the format that the end of the name asks for, atomically; a pipe or a device is written to.
  /// `quality` (1 to 100) is that of JPEG, whose colours keep their full resolution. Throws a `FileError` with the path.
  public static func write(_ image: ImageBuffer, to path: BytePath, quality: Int = 95) throws {
    let bytes: [UInt8]
    do {
      switch writableFormat(of: path) {
      case .jpeg: bytes = try JPEGEncoder(quality: quality, subsamplesChroma: false).encode(image)
      case .png: bytes = try PNGEncoder().encode(image)
      default: throw FileError("write", path, reason: "its name ends in neither .png nor .jpg")
      }
    } catch let error as ImageError {
      throw FileError("write", path, reason: error.description)
    }
    try FileWriter.writeOutput(bytes, to: path)
  }
}
