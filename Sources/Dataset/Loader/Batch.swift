// A batch of images as the model takes them, still outside the tensor engine.
//
// images: float32 [N, 3, H, W], normalised, contiguous; labels: int64 [N]. A batch has one owner at a time: it is not
// Sendable and is handed from thread to thread as `sending`.

/// Images with their labels.
public final class Batch {
  /// The epoch it belongs to.
  public let epoch: Int
  /// Its place in the epoch; batches are cut by index, so that batch b holds the same samples in every run.
  public let index: Int
  /// The height of the images in pixels.
  public let height: Int
  /// The width of the images in pixels.
  public let width: Int
  /// The class of every image.
  public let labels: [Int64]
  /// The place of every image in the set.
  public let sampleIndices: [Int]
  private let source: any SampleSource
  private var memory: BatchMemory?

  init(
    epoch: Int, index: Int, height: Int, width: Int, labels: [Int64], sampleIndices: [Int],
    source: any SampleSource, memory: consuming BatchMemory
  ) {
    self.epoch = epoch
    self.index = index
    self.height = height
    self.width = width
    self.labels = labels
    self.sampleIndices = sampleIndices
    self.source = source
    self.memory = consume memory
  }

  /// The number of images. It can be below the batch size: at the end of an epoch, and where bad samples are left out.
  public var count: Int { labels.count }

  /// `[N, 3, H, W]`
  public var imageShape: [Int] { [count, 3, height, width] }

  /// The names of the images' files, below the root of the set.
  public var paths: [String] { sampleIndices.map { source.name(at: $0) } }

  /// Calls `body` with the pixels, N * 3 * H * W floats. Traps after `takeImageMemory`.
  public func withImages<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
    let numValues = count * 3 * height * width
    guard let pointer = memory?.pointer else { preconditionFailure("the batch's memory has been taken") }
    return try body(
      UnsafeBufferPointer(start: UnsafePointer(pointer.assumingMemoryBound(to: Float.self)), count: numValues))
  }

  /// Hands over the memory of the pixels, N * 3 * H * W floats from its first byte; the block itself can be larger.
  /// Whoever takes it wraps it without a copy and gives it back when done. Traps when called twice.
  public func takeImageMemory() -> BatchMemory {
    guard let taken = memory.take() else { preconditionFailure("the batch's memory has been taken") }
    return taken
  }
}
