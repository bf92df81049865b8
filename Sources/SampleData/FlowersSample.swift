// The procedural flowers set: five classes of photographic-size pictures, drawn rather than photographed.
//
// It stands in for a set of flower photos where there is no network. The class is carried by structure (petals and what
// they surround); colours, places, sizes, poses, light and clutter vary and overlap, so that pixels compared one by one
// tell little (scripts/reference/flowers_difficulty.py measures how little).

public import Augment
public import Dataset
import Synchronization

/// A set of drawn flowers. Image i is a function of (seed, i, size) alone and shows class i mod 5, so that the classes
/// are even to within one image and a longer set begins with the shorter one.
public struct FlowersSample: Sendable {
  /// The classes, in the order of their indices.
  public static let classes = FlowerSpecies.allCases.map(\.rawValue)
  /// How many images a set can have.
  public static let counts = 5...10_000_000
  /// How long a side can be, in pixels.
  public static let sides = 32...8192

  /// The number of images.
  public let count: Int
  /// The width of each image, in pixels.
  public let width: Int
  /// The height of each image, in pixels.
  public let height: Int
  /// What the pictures are drawn from.
  public let seed: UInt64

  /// A set of this many images of this size. Throws `SampleDataError` outside of `counts` and `sides`.
  public init(count: Int, width: Int = 500, height: Int = 375, seed: UInt64 = 0) throws(SampleDataError) {
    guard Self.counts.contains(count) else { throw .badCount(count) }
    guard Self.sides.contains(width), Self.sides.contains(height) else { throw .badSize("\(width)x\(height)") }
    self.count = count
    self.width = width
    self.height = height
    self.seed = seed
  }

  /// Reads a size such as `500x375`. Throws `SampleDataError` for anything else.
  public static func size(parsing text: String) throws(SampleDataError) -> (width: Int, height: Int) {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard sides.count == 2, let width = sides[0], let height = sides[1], Self.sides.contains(width),
      Self.sides.contains(height)
    else { throw .badSize(String(text.prefix(40))) }
    return (width, height)
  }

  /// The class of image `index`.
  public func label(at index: Int) -> Int { index % Self.classes.count }

  /// Where image `index` lies below the folder, such as `roses/roses-000002.jpg`.
  public func path(at index: Int) -> String {
    let name = Self.classes[label(at: index)]
    let number = String(index)
    return "\(name)/\(name)-\(String(repeating: "0", count: max(0, 6 - number.count)))\(number).jpg"
  }

  /// Draws image `index`, 0 to `count - 1`.
  public func image(at index: Int) -> ImageBuffer {
    render(at: index).image
  }

  /// The bytes of image `index` as a JPEG file; its quality varies with the image, as with photos.
  public func jpeg(at index: Int) throws(ImageError) -> [UInt8] {
    let (image, quality) = render(at: index)
    return try JPEGEncoder(quality: quality).encode(image)
  }

  /// Writes the set as `out/CLASS/CLASS-NUMBER.jpg` on this many threads; the files are the same whatever their number.
  /// `progress` hears the number of images done, one thread at a time, and ends the work by throwing. `out` is either
  /// whole or not there. Throws `SampleDataError` where it is not empty, `FileError` where it cannot be written.
  public func write(
    to out: BytePath, threads: Int, progress: (@Sendable (_ numDone: Int) throws -> Void)? = nil
  ) throws {
    precondition(threads > 0, "at least one thread is needed, got \(threads)")
    try StagedFolder.write(to: StagedFolder.target(of: out) { SampleDataError($0, out) }) { staging in
      for name in Self.classes { try FileTree.makeFolders(staging.appending(BytePath(name))) }
      let numDone = Mutex(0)
      try parallelFor(count, numThreads: threads) { index in
        try FileWriter.writeNew(jpeg(at: index), to: staging.appending(BytePath(path(at: index))))
        try numDone.withLock {
          $0 += 1
          try progress?($0)
        }
      }
    }
  }

  private func render(at index: Int) -> (image: ImageBuffer, quality: Int) {
    precondition((0..<count).contains(index), "the set has images 0 to \(count - 1), not \(index)")
    var random = SceneRandom(seed: seed, index: index)
    let quality = random.integer(80, 95)
    let species = FlowerSpecies.allCases[label(at: index)]
    let pixels = FlowerScene.render(species: species, width: width, height: height, random: random)
    return (ImageBuffer(width: width, height: height, pixels: pixels), quality)
  }
}
