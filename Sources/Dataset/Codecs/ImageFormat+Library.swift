import CJPEG
import CSPNG
import CWebP

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
