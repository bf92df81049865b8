// A batch of images as the model takes them, still outside the tensor engine.
//
// images: [N, 3, H, W], contiguous, float32 and normalised, or uint8 and still to be normalised; labels: int64 [N]. A batch
// has one owner at a time: it is not Sendable and is handed from thread to thread as `sending`.

public import Augment
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

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
  /// The place of every image in the batch over all ranks, where a bad sample leaves its place empty.
  public let places: [Int]
  /// How the batch is shared out among ranks.
  public let share: BatchShare
  /// The normalisation of images that are uint8; nil where they are float32 and normalised.
  public let deferred: Normalize?
  private let source: any SampleSource
  private var memory: BatchMemory?

  init(
    epoch: Int, index: Int, height: Int, width: Int, labels: [Int64], sampleIndices: [Int],
    places: [Int], share: BatchShare, deferred: Normalize?, source: any SampleSource, memory: consuming BatchMemory
  ) {
    self.epoch = epoch
    self.index = index
    self.height = height
    self.width = width
    self.labels = labels
    self.sampleIndices = sampleIndices
    self.places = places
    self.share = share
    self.deferred = deferred
    self.source = source
    self.memory = consume memory
  }

  /// The number of images. It can be below the batch size: at the end of an epoch, and where bad samples are left out.
  public var count: Int { labels.count }

  /// `[N, 3, H, W]`
  public var imageShape: [Int] { [count, 3, height, width] }

  /// The names of the images' files, below the root of the set.
  public var paths: [String] { sampleIndices.map { source.name(at: $0) } }

  /// Calls `body` with the pixels, N * 3 * H * W floats. Traps where they are uint8, and after `takeImageMemory`.
  public func withImages<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
    precondition(deferred == nil, "the batch's images are uint8")
    return try withBytes { try body($0.assumingMemoryBound(to: Float.self)) }
  }

  /// Calls `body` with the memory of the pixels, N * 3 * H * W floats or bytes. Traps after `takeImageMemory`.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    guard let pointer = memory?.pointer else { preconditionFailure("the batch's memory has been taken") }
    let numBytes = count * 3 * height * width * (deferred == nil ? MemoryLayout<Float>.size : 1)
    return try body(UnsafeRawBufferPointer(start: pointer, count: numBytes))
  }

  /// Hands over the memory of the pixels, N * 3 * H * W floats or bytes from its first byte; the block itself can be larger.
  /// Whoever takes it wraps it without a copy and gives it back when done. Traps when called twice.
  public func takeImageMemory() -> BatchMemory {
    guard let taken = memory.take() else { preconditionFailure("the batch's memory has been taken") }
    return taken
  }
}

// The memory under a batch's pixels, with what gives it back.

/// A block of memory with one owner. It is given back once: when its owner ends, or by whoever took it with `take`.
public struct BatchMemory: ~Copyable, @unchecked Sendable {
  /// The first byte, aligned to 64 bytes.
  public let pointer: UnsafeMutableRawPointer
  /// The size in bytes.
  public let byteCount: Int
  private var deallocate: (@Sendable (UnsafeMutableRawPointer) -> Void)?

  /// Takes over a block; `deallocate` gets `pointer` once, on any thread.
  public init(
    pointer: UnsafeMutableRawPointer, byteCount: Int,
    deallocate: @escaping @Sendable (UnsafeMutableRawPointer) -> Void
  ) {
    self.pointer = pointer
    self.byteCount = byteCount
    self.deallocate = deallocate
  }

  deinit { deallocate?(pointer) }

  /// Hands the block over: from here on the caller has to call `deallocate(pointer)`, once.
  public consuming func take() -> (
    pointer: UnsafeMutableRawPointer, deallocate: @Sendable (UnsafeMutableRawPointer) -> Void
  ) {
    guard let deallocate else { preconditionFailure("the memory has been taken") }
    // The end of `self` now finds nothing to free.
    self.deallocate = nil
    return (pointer, deallocate)
  }
}

/// Where batches get their memory: the compute half passes one that gives pinned memory for a GPU.
public protocol BatchAllocator: Sendable {
  /// A block of at least `byteCount` bytes, aligned to 64. Called on worker threads. Throws where there is none.
  func allocate(byteCount: Int) throws -> BatchMemory
}

/// Ordinary memory that is kept for the next batch of the same size, since fresh pages cost time at their first touch.
public final class RecyclingAllocator: BatchAllocator {
  private struct Block: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
    let byteCount: Int
  }

  private let maxKept: Int
  private let kept = Mutex([Block]())

  /// An allocator that keeps up to `maxKept` blocks that are not in use.
  public init(maxKept: Int = 4) { self.maxKept = maxKept }

  deinit { for block in kept.withLock({ $0 }) { free(block.pointer) } }

  /// A block of ordinary memory. Throws `DataLoaderError.outOfMemory`.
  public func allocate(byteCount: Int) throws -> BatchMemory {
    let recycled = kept.withLock { kept in
      kept.firstIndex { $0.byteCount == byteCount }.map { kept.remove(at: $0) }
    }
    var pointer = recycled?.pointer
    if pointer == nil, posix_memalign(&pointer, 64, max(byteCount, 64)) != 0 { pointer = nil }
    guard let pointer else { throw DataLoaderError.outOfMemory(byteCount: byteCount) }
    return BatchMemory(pointer: pointer, byteCount: byteCount) {
      self.recycle(Block(pointer: $0, byteCount: byteCount))
    }
  }

  private func recycle(_ block: Block) {
    let dropped = kept.withLock { kept in
      kept.append(block)
      return kept.count > maxKept ? kept.removeFirst() : nil
    }
    if let dropped { free(dropped.pointer) }
  }
}
