// A picture of many pictures with captions.
//
// Cells go from left to right and from top to bottom. Every pixel of a sample becomes `scale` x `scale` pixels, so that
// what the model sees can be told pixel by pixel. Each cell has as many lines of caption as the longest one needs.

public import Augment

/// Small pictures of one size with captions, laid out in rows.
public struct ImageGrid: Sendable {
  /// A picture and what stands below it.
  public struct Cell: Sendable, Equatable {
    /// The pixels.
    public let image: ImageBuffer
    /// The caption.
    public let caption: String

    /// A picture with its caption.
    public init(image: ImageBuffer, caption: String) {
      self.image = image
      self.caption = caption
    }

    /// Whether pixels and caption are the same.
    public static func == (a: Cell, b: Cell) -> Bool {
      a.caption == b.caption && a.image.pixels == b.image.pixels && a.image.width == b.image.width
    }
  }

  static let margin = 6
  static let maxLines = 3
  static let background: (UInt8, UInt8, UInt8) = (24, 24, 28)
  static let ink: (UInt8, UInt8, UInt8) = (235, 235, 235)

  /// The pictures, all of one size.
  public let cells: [Cell]
  /// Pictures in a row.
  public let columns: Int
  /// Pixels of the grid for each pixel of a picture, along each side.
  public let scale: Int
  private let textScale: Int
  private let captions: [[String]]

  /// A grid of one picture at least.
  public init(_ cells: [Cell], columns: Int, scale: Int) {
    precondition(
      !cells.isEmpty && columns >= 1 && scale >= 1, "a grid of \(cells.count) pictures in \(columns) columns")
    let (width, height) = (cells[0].image.width, cells[0].image.height)
    precondition(
      cells.allSatisfy { $0.image.width == width && $0.image.height == height }, "the pictures differ in size")
    self.cells = cells
    self.columns = min(columns, cells.count)
    self.scale = scale
    textScale = max(1, width * scale / 192)
    let room = max(1, width * scale / (BitmapFont.advance * textScale))
    captions = cells.map { Self.lines(of: $0.caption, room: room) }
  }

  /// Width of the whole picture in pixels.
  public var width: Int { columns * (cellWidth + Self.margin) + Self.margin }
  /// Height of the whole picture in pixels.
  public var height: Int { numRows * (cellHeight + Self.margin) + Self.margin }

  /// Where a picture lies in the grid.
  public func frame(of cell: Int) -> PixelRect {
    PixelRect(
      x: Self.margin + cell % columns * (cellWidth + Self.margin),
      y: Self.margin + cell / columns * (cellHeight + Self.margin), width: cellWidth,
      height: cells[0].image.height * scale)
  }

  /// The whole picture.
  public func drawn() -> ImageBuffer {
    var grid = ImageBuffer(width: width, height: height, fill: Self.background)
    for (index, cell) in cells.enumerated() {
      let frame = frame(of: index)
      for row in 0..<frame.height {
        let source = row / scale * cell.image.width * 3
        let target = ((frame.y + row) * width + frame.x) * 3
        for column in 0..<frame.width {
          for channel in 0..<3 {
            grid.pixels[target + column * 3 + channel] = cell.image.pixels[source + column / scale * 3 + channel]
          }
        }
      }
      for (line, text) in captions[index].enumerated() {
        let y = frame.y + frame.height + (3 + line * BitmapFont.lineHeight) * textScale
        BitmapFont.draw(text, x: frame.x, y: y, scale: textScale, color: Self.ink, into: &grid)
      }
    }
    return grid
  }

  private var numRows: Int { (cells.count + columns - 1) / columns }
  private var cellWidth: Int { cells[0].image.width * scale }
  private var cellHeight: Int {
    cells[0].image.height * scale + (3 + (captions.map(\.count).max() ?? 1) * BitmapFont.lineHeight) * textScale
  }

  /// The text in lines of up to `room` characters, broken at spaces, cut where it is longer than all lines.
  static func lines(of text: String, room: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= room {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    let isCut = lines.count > maxLines
    lines = lines.prefix(maxLines).map { $0.count > room ? $0.prefix(max(0, room - 2)) + ".." : $0 }
    if isCut, let last = lines.last { lines[lines.count - 1] = last.prefix(max(0, room - 2)) + ".." }
    return lines
  }
}
