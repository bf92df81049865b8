import KeyedRandom
import Preprocessing
import Settings

/// A rectangle of the resized image, parts of which may lie beyond its border; only the source pixels under it are needed.
struct PlacedCrop {
  /// The resize, as far as the rectangle shows it.
  let resample: ResamplePlan
  /// The column of `resample` that each output column shows, -1 for black; nil: all of them in their order.
  private let columns: [Int]?
  /// The same of rows.
  private let rows: [Int]?

  /// What a resize computes.
  init(_ resample: ResamplePlan) {
    self.resample = resample
    (columns, rows) = (nil, nil)
  }

  /// A random rectangle of the image resized to the input's size, up to `padding` pixels beyond its border.
  init(
    randomIn source: (width: Int, height: Int), for preprocessing: ImagePreprocessing, padding: Int,
    mode: PaddingMode, random: inout KeyedRandom
  ) {
    let (width, height) = (preprocessing.width, preprocessing.height)
    let resize = Resize(height: height, width: width, interpolation: preprocessing.interpolation)
    let size = resize.outputSize(width: source.width, height: source.height)
    let crop = RandomCrop {
      $0.size = .list([height, width])
      $0.padding = padding
    }
    let rect = crop.draw(width: size.width, height: size.height, random: &random)
    let columns = (0..<width).map { mode.source(of: rect.x + $0, count: size.width) ?? -1 }
    let rows = (0..<height).map { mode.source(of: rect.y + $0, count: size.height) ?? -1 }
    let (columnRange, rowRange) = (Self.range(of: columns), Self.range(of: rows))
    resample = ResamplePlan(
      sourceWidth: source.width, sourceHeight: source.height, width: size.width, height: size.height,
      interpolation: preprocessing.interpolation,
      window: PixelRect(
        x: columnRange.lowerBound, y: rowRange.lowerBound, width: columnRange.count, height: rowRange.count))
    let isPlain =
      resample.width == width && resample.height == height
      && PixelRect(
        x: 0, y: 0, width: size.width, height: size.height
      ).contains(rect)
    self.columns = isPlain ? nil : columns.map { $0 < 0 ? -1 : $0 - columnRange.lowerBound }
    self.rows = isPlain ? nil : rows.map { $0 < 0 ? -1 : $0 - rowRange.lowerBound }
  }

  /// The indices that are shown; one, where none is.
  private static func range(of indices: [Int]) -> Range<Int> {
    let shown = indices.lazy.filter { $0 >= 0 }
    guard let first = shown.min(), let last = shown.max() else { return 0..<1 }
    return first..<last + 1
  }

  /// Calls `body` with each row from top to bottom.
  func forEachRow(of region: ImageBuffer, origin: (x: Int, y: Int), _ body: (Int, UnsafePointer<UInt8>) -> Void) {
    guard let columns, let rows else { return resample.forEachRow(of: region, origin: origin, body) }
    let shown = resample.apply(region, origin: origin)
    shown.pixels.withUnsafeBufferPointer { pixels in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: columns.count * 3) { line in
        for (index, row) in rows.enumerated() {
          for (column, place) in columns.enumerated() {
            for channel in 0..<3 {
              line[3 * column + channel] =
                row < 0 || place < 0 ? 0 : pixels[(row * shown.width + place) * 3 + channel]
            }
          }
          body(index, line.baseAddress!)
        }
      }
    }
  }
}
