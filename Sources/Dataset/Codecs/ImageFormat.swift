import CJPEG
import CSPNG
import CWebP

/// The kinds of image file that can be read, recognised by their first bytes alone: the name of a file proves nothing.
public enum ImageFormat: String, Sendable, CaseIterable, Codable {
  /// JPEG, baseline or progressive.
  case jpeg
  /// PNG.
  case png
  /// WebP, lossy or lossless, not animated.
  case webp

  /// The format of a file that begins with the given bytes (12 are enough), or nil.
  public init?(sniffing bytes: UnsafeRawBufferPointer) {
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if bytes.count >= 12, bytes.starts(with: "RIFF".utf8), bytes[8..<12].elementsEqual("WEBP".utf8) {
      self = .webp
    } else {
      return nil
    }
  }
}

extension ImageFormat {
  /// The format that a file's extension, in lower case, claims; nil where it claims none.
  init?(fileExtension: String) {
    switch fileExtension {
    case "jpg", "jpeg": self = .jpeg
    case "png": self = .png
    case "webp": self = .webp
    default: return nil
    }
  }
}

extension ImageFormat {
  /// The library that reads the format, with its version: `libjpeg-turbo 2.1.5`.
  public var library: String {
    switch self {
    case .jpeg:
      let turbo = Int(cjpeg_turbo_version())
      guard turbo > 0 else { return "libjpeg \(cjpeg_library_version())" }
      return "libjpeg-turbo \(turbo / 1_000_000).\(turbo / 1000 % 1000).\(turbo % 1000)"
    case .png:
      return "libspng \(cspng_version().map { String(cString: $0) } ?? "of unknown version")"
    case .webp:
      let version = Int(cwebp_version())
      return "libwebp \(version >> 16).\(version >> 8 & 255).\(version & 255)"
    }
  }
}
