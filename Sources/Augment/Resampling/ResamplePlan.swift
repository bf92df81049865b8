public import Preprocessing

/// A resize, worked out before any pixel exists: what part of the source it needs, and how to compute it from that part
/// alone. The result is Pillow's `resize(size, resample, box)`: antialiased, columns first, rounded to 8 bits after each
/// of the two passes; and the pixels of a window of it are those that the whole would have there.
public struct ResamplePlan: Sendable {
  /// The source pixels that are needed.
  public let source: PixelRect
  /// Number of output columns (of the window).
  public let width: Int
  /// Number of output rows (of the window).
  public let height: Int
  /// The weights of an axis; nil where it is only copied.
  let horizontal: ResampleTable?
  let vertical: ResampleTable?

  /// A resize of `box` (nil: all) of a source of the given size to `width` x `height`, of which only `window` (nil: all)
  /// is computed. Sizes must be positive, the box inside the source and the window inside the output.
  public init(
    sourceWidth: Int, sourceHeight: Int, box: ResampleBox? = nil, width: Int, height: Int,
    interpolation: Interpolation, window: PixelRect? = nil
  ) {
    let box = box ?? ResampleBox(PixelRect(x: 0, y: 0, width: sourceWidth, height: sourceHeight))
    let window = window ?? PixelRect(x: 0, y: 0, width: width, height: height)
    horizontal = Self.table(
      ResampleTable.Key(
        sourceSize: sourceWidth, from: box.x0, to: box.x1, outputSize: width,
        window: window.x..<window.x + window.width,
        interpolation: interpolation))
    vertical = Self.table(
      ResampleTable.Key(
        sourceSize: sourceHeight, from: box.y0, to: box.y1, outputSize: height,
        window: window.y..<window.y + window.height, interpolation: interpolation))
    let columns = horizontal?.source ?? window.x..<window.x + window.width
    let rows = vertical?.source ?? window.y..<window.y + window.height
    source = PixelRect(x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
    self.width = window.width
    self.height = window.height
  }

  private static func table(_ key: ResampleTable.Key) -> ResampleTable? {
    let isCopy = key.from == 0 && key.to == Double(key.sourceSize) && key.outputSize == key.sourceSize
    return isCopy ? nil : ResampleTableCache.shared.table(key)
  }

  /// The resized image from the pixels of `source` (or, with `origin`, from an image whose first pixel has that place in
  /// the source, and which holds all of `source`).
  public func apply(_ image: ImageBuffer, origin: (x: Int, y: Int)? = nil) -> ImageBuffer {
    ImageBuffer(width: width, height: height) { target in
      forEachRow(of: image, origin: origin) { row, samples in
        (target.baseAddress! + row * width * 3).update(from: samples, count: width * 3)
      }
    }
  }

  /// Calls `body` with each output row (its index, its `width * 3` samples) from top to bottom.
  func forEachRow(
    of image: ImageBuffer, origin: (x: Int, y: Int)? = nil, _ body: (Int, UnsafePointer<UInt8>) -> Void
  ) {
    let origin = origin ?? (source.x, source.y)
    precondition(
      PixelRect(x: origin.x, y: origin.y, width: image.width, height: image.height).contains(source),
      "an image of \(image.width)x\(image.height) at \(origin) does not hold \(source)")
    image.pixels.withUnsafeBufferPointer { pixels in
      let stride = image.width * 3
      let first = pixels.baseAddress! + (source.y - origin.y) * stride + (source.x - origin.x) * 3
      guard let horizontal else { return verticalPass(first, stride: stride, body) }
      let rowBytes = width * 3
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: source.height * rowBytes) { narrow in
        ResampleKernels.horizontal(
          first, stride: stride, count: source.height, end: pixels.baseAddress! + pixels.count, horizontal,
          into: narrow.baseAddress!)
        verticalPass(narrow.baseAddress!, stride: rowBytes, body)
      }
    }
  }

  private func verticalPass(
    _ first: UnsafePointer<UInt8>, stride: Int, _ body: (Int, UnsafePointer<UInt8>) -> Void
  ) {
    guard let vertical else {
      for row in 0..<height { body(row, first + row * stride) }
      return
    }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: width * 3) { samples in
      let out = samples.baseAddress!
      for row in 0..<height {
        ResampleKernels.vertical(first, stride: stride, numBytes: width * 3, vertical, row: row, into: out)
        body(row, out)
      }
    }
  }
}
