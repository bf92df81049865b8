// The memory under a batch's pixels, with what gives it back.

import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

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
