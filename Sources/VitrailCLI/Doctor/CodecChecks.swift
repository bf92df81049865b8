import Augment
import Dataset
import Foundation
import Settings

/// What `vitrail doctor` looks at in the image codecs: each really decodes an image.
enum CodecChecks {
  static func all() -> [DoctorCheck] { ImageFormat.allCases.map(check) }

  private static func check(_ format: ImageFormat) -> DoctorCheck {
    var check = DoctorCheck(
      name: format.rawValue, found: [format.library], values: [.init("library", .string(format.library))])
    if !decodes(format) {
      check.status = .failed
      check.advice = "a small image came out wrong: reinstall the library (scripts/setup.sh names the packages)"
    } else if format == .jpeg, !format.library.contains("turbo") {
      check.status = .note
      check.advice = "libjpeg-turbo decodes several times faster"
    }
    return check
  }

  /// A ramp of grey of 16 pixels: JPEG keeps it to a few levels, PNG exactly; for WebP, which is not written, a file of
  /// one white pixel.
  private static func decodes(_ format: ImageFormat) -> Bool {
    let pixels = (0..<256).flatMap { [UInt8](repeating: UInt8(60 + $0 % 16 * 8), count: 3) }
    let image = ImageBuffer(width: 16, height: 16, pixels: pixels)
    do {
      switch format {
      case .jpeg:
        let decoded = try ImageDecoder().decode(JPEGEncoder(quality: 95).encode(image))
        return zip(decoded.pixels, image.pixels).allSatisfy { abs(Int($0) - Int($1)) <= 12 }
      case .png:
        return try ImageDecoder().decode(PNGEncoder().encode(image)) == image
      case .webp:
        guard let file = Data(base64Encoded: onePixel) else { return false }
        return try ImageDecoder().decode([UInt8](file)).bounds == PixelRect(x: 0, y: 0, width: 1, height: 1)
      }
    } catch {
      return false
    }
  }

  private static let onePixel = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="
}
