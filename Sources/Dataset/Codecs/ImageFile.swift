// Image files under names that people choose.

public import Augment

/// Writes images into files whose names tell the format.
public enum ImageFile {
  /// The extensions that can be written, in lower case.
  public static let writableExtensions = ["png", "jpg", "jpeg"]

  /// Whether an image can be written under a name.
  public static func canWrite(to path: BytePath) -> Bool { writableExtensions.contains(path.pathExtension) }

  /// Writes a PNG, or a JPEG of the given quality with full colour resolution, as the extension says. The file appears
  /// whole or not at all. Throws an `ImageError` where the format cannot hold the image, or a `FileError`. Traps for an
  /// extension of another format.
  public static func write(_ image: ImageBuffer, to path: BytePath, quality: Int = 95) throws {
    precondition(canWrite(to: path), "no image can be written as '\(path)'")
    let isPNG = path.pathExtension == "png"
    let bytes =
      isPNG ? try PNGEncoder().encode(image) : try JPEGEncoder(quality: quality, subsamplesChroma: false).encode(image)
    try FileWriter.writeAtomically(bytes, to: path)
  }
}
