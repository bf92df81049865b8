import Telemetry
public import Torch

/// What a run holds of memory, in bytes.
public struct MemoryReport: Sendable, Equatable {
  /// Tensors on the device of the model; the peak is that of the epoch.
  public var tensors: MemoryStatistics
  /// Of the machine's memory, by this process; nil where the system does not tell.
  public var process: Int?
  /// The most that the process has held since its start.
  public var processPeak: Int

  /// The memory in use now.
  static func current(on device: Device) -> MemoryReport {
    // The system brings the peak up to date now and then.
    let process = ProcessMemory.current
    return MemoryReport(
      tensors: device.memory, process: process, processPeak: max(process ?? 0, ProcessMemory.peak))
  }
}
