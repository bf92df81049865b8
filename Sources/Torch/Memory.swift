import CTorch
import Synchronization

/// What tensors take of a device's memory, in bytes.
public struct MemoryStatistics: Sendable, Equatable {
  /// In use by tensors now.
  public let current: Int
  /// The most that was in use since the start, or since `resetPeak`.
  public let peak: Int
  /// In use, and kept by the caching allocator for the next tensor.
  public let reserved: Int
}

extension Device {
  /// The memory that tensors take on this device.
  public var memory: MemoryStatistics {
    var stats = vt_memory()
    check(vt_memory_stats(code, &stats))
    return MemoryStatistics(
      current: Int(stats.current_bytes), peak: Int(stats.peak_bytes), reserved: Int(stats.reserved_bytes))
  }

  /// The memory of a GPU in bytes, free now and in all; nil for the CPU, whose memory is the system's, and where the
  /// device does not tell.
  public var capacity: (free: Int, total: Int)? {
    var (free, total): (Int64, Int64) = (0, 0)
    guard kind != .cpu, vt_memory_capacity(code, &free, &total) == VT_OK else { return nil }
    return (Int(free), Int(total))
  }

  /// Starts the measure of the peak anew.
  public func resetPeakMemory() { check(vt_memory_reset_peak(code)) }

  /// Gives kept, unused memory back to the system.
  public func releaseCachedMemory() { check(vt_memory_release_cached(code)) }
}

/// The tensors alive in the process: flat over the steps of a training loop, or something leaks.
public enum LiveTensors {
  /// Handles that were made and not yet freed, over all threads.
  public static var count: Int { Int(vt_live_tensors()) }
}

/// Lets memory of the CPU run out on purpose, so that tests see what becomes of it.
public enum MemoryFailure {
  /// Requests for memory so far, over all threads. Tensors without elements make none.
  public static var requests: Int { Int(vt_memory_requests()) }

  /// Lets the `k`-th request from now, counted from 1, fail as if there were no memory; those after it succeed.
  public static func atRequest(_ k: Int) { vt_memory_fail_at(vt_memory_requests() + Int64(k)) }

  /// Lets no request fail on purpose.
  public static func off() { vt_memory_fail_at(0) }
}

/// How often the process read a tensor's elements: each time the host waits for the device, whatever the device.
public enum HostReads {
  private static let reads = Atomic(0)

  /// Reads so far, over all threads.
  public static var count: Int { reads.load(ordering: .relaxed) }

  static func add() { reads.add(1, ordering: .relaxed) }
}
