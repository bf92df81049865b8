public import Augment

/// Why an image could not be read or written. The file's name is added by whoever knows it.
public enum ImageError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file has no bytes.
  case empty
  /// The bytes begin like none of the formats that can be read.
  case unknownFormat
  /// The data ends too early.
  case truncated(ImageFormat)
  /// The data contradicts itself.
  case corrupt(ImageFormat, String)
  /// A valid file of a kind that cannot be decoded.
  case unsupported(ImageFormat, String)
  /// More pixels than the limit allows.
  case tooManyPixels(width: Int, height: Int, limit: Int)
  /// Memory ran out, or the file asks for more of it than its size can justify.
  case outOfMemory(ImageFormat)
  /// The wanted rectangle does not lie inside the (oriented) image.
  case cropOutside(PixelRect, width: Int, height: Int)
  /// The image cannot be stored in the format.
  case cannotEncode(ImageFormat, String)

  /// One line: what is wrong.
  public var description: String {
    switch self {
    case .empty: "the file is empty"
    case .unknownFormat: "not an image that can be read: neither JPEG, PNG nor WebP, whatever its name says"
    case .truncated(let format): "\(format.name): the file is truncated; copy it again or remove it"
    case .corrupt(let format, let reason): "\(format.name): the data is corrupt (\(reason))"
    case .unsupported(let format, let reason): "\(format.name): not supported (\(reason)); convert the file"
    case .tooManyPixels(let width, let height, let limit):
      "\(width)x\(height) pixels are more than the limit of \(limit); raise the limit if the file is trusted"
    case .outOfMemory(let format): "\(format.name): not enough memory to decode the image"
    case .cropOutside(let rect, let width, let height):
      "the crop \(rect.width)x\(rect.height)+\(rect.x)+\(rect.y) is outside of an image of \(width)x\(height)"
    case .cannotEncode(let format, let reason): "\(format.name): cannot be written (\(reason))"
    }
  }
}

extension ImageFormat {
  /// The format's name as people write it.
  public var name: String {
    switch self {
    case .jpeg: "JPEG"
    case .png: "PNG"
    case .webp: "WebP"
    }
  }
}
