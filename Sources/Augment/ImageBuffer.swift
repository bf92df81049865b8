/// An image in memory: 8-bit red, green and blue, interleaved, rows from top to bottom without padding
/// (height x width x 3, the shape that Pillow and NumPy call HWC).
public struct ImageBuffer: Sendable, Equatable {
  /// Number of columns.
  public let width: Int
  /// Number of rows.
  public let height: Int
  /// The samples, `height * width * 3` of them.
  public var pixels: [UInt8]

  /// The most pixels that a transform enlarges an image to, as a rule.
  public static let maximumPixels = 1 << 26

  /// An image over the given samples, whose number must be `height * width * 3`.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0, "an image needs a positive size, got \(width)x\(height)")
    precondition(
      pixels.count == width * height * 3,
      "\(width)x\(height) RGB needs \(width * height * 3) bytes, got \(pixels.count)")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// An image of one colour.
  public init(width: Int, height: Int, fill: (red: UInt8, green: UInt8, blue: UInt8) = (0, 0, 0)) {
    self.init(width: width, height: height) { pixels in
      for index in 0..<width * height {
        pixels[3 * index] = fill.red
        pixels[3 * index + 1] = fill.green
        pixels[3 * index + 2] = fill.blue
      }
    }
  }

  /// An image whose samples are written by `body`, which gets uninitialised memory and must write all of it.
  public init<E: Error>(
    width: Int, height: Int, writing body: (UnsafeMutableBufferPointer<UInt8>) throws(E) -> Void
  ) throws(E) {
    precondition(width > 0 && height > 0, "an image needs a positive size, got \(width)x\(height)")
    var failure: E?
    let count = width * height * 3
    let samples = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(E) {
        try body(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        initialized = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    self.init(width: width, height: height, pixels: samples)
  }

  /// The whole image as a rectangle.
  public var bounds: PixelRect { PixelRect(x: 0, y: 0, width: width, height: height) }

  /// The pixels of a rectangle, which must lie inside.
  public func cropped(to rect: PixelRect) -> ImageBuffer {
    precondition(bounds.contains(rect), "\(rect) does not lie inside an image of \(width)x\(height)")
    if rect == bounds { return self }
    return pixels.withUnsafeBufferPointer { source in
      ImageBuffer(width: rect.width, height: rect.height) { target in
        for row in 0..<rect.height {
          let from = source.baseAddress! + ((rect.y + row) * width + rect.x) * 3
          (target.baseAddress! + row * rect.width * 3).update(from: from, count: rect.width * 3)
        }
      }
    }
  }

  /// An image of the same size, whose samples are written from this one's; `body` gets both and their number.
  @inline(__always)
  func rewritten(
    _ body: (UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>, Int) -> Void
  ) -> ImageBuffer {
    pixels.withUnsafeBufferPointer { samples in
      ImageBuffer(width: width, height: height) { body(samples.baseAddress!, $0.baseAddress!, samples.count) }
    }
  }

  /// Red, green and blue of a pixel.
  public subscript(x: Int, y: Int) -> (red: UInt8, green: UInt8, blue: UInt8) {
    let base = (y * width + x) * 3
    return (pixels[base], pixels[base + 1], pixels[base + 2])
  }
}

extension ImageBuffer: CustomStringConvertible {
  /// The size, not the pixels.
  public var description: String { "ImageBuffer(\(width)x\(height))" }
}
