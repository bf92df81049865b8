/// What an image file says of itself before any pixel is decoded.
public struct ImageHeader: Sendable, Equatable {
  /// The format, recognised by the first bytes.
  public var format: ImageFormat
  /// Number of stored columns.
  public var width: Int
  /// Number of stored rows.
  public var height: Int
  /// How the stored image is to be shown; `up` where the file does not say.
  public var orientation: ImageOrientation

  /// Number of columns of the image as it is to be shown.
  public var orientedWidth: Int { orientation.swapsAxes ? height : width }
  /// Number of rows of the image as it is to be shown.
  public var orientedHeight: Int { orientation.swapsAxes ? width : height }

  /// The most that decoding takes, in bytes: three a pixel for the result, as many for its turning, and what a
  /// progressive JPEG keeps of all its components. To be asked of a header that a decoder has let pass.
  var decodingBytes: Int { width * height * 14 }

  /// A header from its parts.
  public init(format: ImageFormat, width: Int, height: Int, orientation: ImageOrientation = .up) {
    self.format = format
    self.width = width
    self.height = height
    self.orientation = orientation
  }

  /// Reads the header of a file that is wholly in memory, and looks whether its end is there, without decoding
  /// anything. Touches the segments before the pixels and the file's end only (of a PNG also the head of each chunk).
  /// Throws ``ImageError``.
  public static func read(_ bytes: UnsafeRawBufferPointer) throws(ImageError) -> ImageHeader {
    guard !bytes.isEmpty else { throw .empty }
    guard let format = ImageFormat(sniffing: bytes) else { throw .unknownFormat }
    let cursor = ByteCursor(bytes: bytes)
    switch format {
    case .jpeg: return try readJPEG(cursor)
    case .png: return try readPNG(cursor)
    case .webp: return try readWebP(cursor)
    }
  }

  /// Reads the header of a file that is wholly in memory, as above.
  public static func read(_ bytes: [UInt8]) throws(ImageError) -> ImageHeader {
    let result = bytes.withUnsafeBytes { (raw) -> Result<ImageHeader, ImageError> in
      Result { () throws(ImageError) in try read(raw) }
    }
    return try result.get()
  }
}
