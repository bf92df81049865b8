public import Preprocessing

/// A resize, worked out before any pixel exists: what part of the source it needs, and how to compute it from that part
/// alone. The result is that of Pillow 13's `resize(size, resample, box)`: antialiased, rounded to 8 bits after each of the
/// two passes, columns first unless the height shrinks by more than twice as many pixels as the width (Pillow up to 12:
/// always columns first); and the pixels of a window of it are those that the whole would have there.
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
  /// Whether rows are computed before columns.
  let isVerticalFirst: Bool

  /// Output rows that are taken through both passes at a time where rows come first: a multiple of what the kernel of
  /// columns takes at once, and few enough for the cache.
  private static let rowsPerBlock = 8

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
        sourceSize: sourceWidth, from: Float(box.x0), to: Float(box.x1), outputSize: width,
        window: window.x..<window.x + window.width, interpolation: interpolation))
    vertical = Self.table(
      ResampleTable.Key(
        sourceSize: sourceHeight, from: Float(box.y0), to: Float(box.y1), outputSize: height,
        window: window.y..<window.y + window.height, interpolation: interpolation))
    // Of the whole source and the whole output, whatever box and window say.
    isVerticalFirst = sourceHeight > height && sourceHeight - height > 2 * (sourceWidth - width)
    let columns = horizontal?.source ?? window.x..<window.x + window.width
    let rows = vertical?.source ?? window.y..<window.y + window.height
    source = PixelRect(x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
    self.width = window.width
    self.height = window.height
  }

  private static func table(_ key: ResampleTable.Key) -> ResampleTable? {
    let isCopy = key.from == 0 && key.to == Float(key.sourceSize) && key.outputSize == key.sourceSize
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
      if isVerticalFirst, let vertical { return rowsFirst(first, stride: stride, vertical, horizontal, body) }
      let rowBytes = width * 3
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: source.height * rowBytes) { narrow in
        ResampleKernels.horizontal(
          first, stride: stride, count: source.height, end: pixels.baseAddress! + pixels.count, horizontal,
          into: narrow.baseAddress!)
        verticalPass(narrow.baseAddress!, stride: rowBytes, body)
      }
    }
  }

  private func rowsFirst(
    _ first: UnsafePointer<UInt8>, stride: Int, _ vertical: ResampleTable, _ horizontal: ResampleTable,
    _ body: (Int, UnsafePointer<UInt8>) -> Void
  ) {
    let (wideBytes, rowBytes) = (source.width * 3, width * 3)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.rowsPerBlock * (wideBytes + rowBytes)) { memory in
      let wide = memory.baseAddress!
      let narrow = wide + Self.rowsPerBlock * wideBytes
      for start in Swift.stride(from: 0, to: height, by: Self.rowsPerBlock) {
        let count = min(Self.rowsPerBlock, height - start)
        for row in 0..<count {
          ResampleKernels.vertical(
            first, stride: stride, numBytes: wideBytes, vertical, row: start + row, into: wide + row * wideBytes)
        }
        ResampleKernels.horizontal(
          wide, stride: wideBytes, count: count, end: wide + count * wideBytes, horizontal, into: narrow)
        for row in 0..<count { body(start + row, narrow + row * rowBytes) }
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

extension ImageBuffer {
  /// The image (or a box of it, in source coordinates) resized, as Pillow 13's `resize(size, resample, box)` does it:
  /// see ``ResamplePlan``.
  public func resized(
    width: Int, height: Int, interpolation: Interpolation, box: ResampleBox? = nil
  ) -> ImageBuffer {
    let plan = ResamplePlan(
      sourceWidth: self.width, sourceHeight: self.height, box: box, width: width, height: height,
      interpolation: interpolation)
    return plan.apply(self, origin: (0, 0))
  }
}
