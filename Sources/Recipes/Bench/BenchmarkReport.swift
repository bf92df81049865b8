import Foundation
public import Settings
import Torch
import VisionModels

/// What a benchmark found.
public struct BenchmarkReport: Sendable {
  /// What was measured.
  public let options: Benchmark.Options
  let config: ViTConfig
  /// Images of a step.
  public let batchSize: Int
  /// The measured steps.
  public let numSteps: Int
  /// The median step; of the loader, the mean batch.
  public let secondsPerStep: Double
  /// By the median step; of the loader, over all.
  public let imagesPerSecond: Double
  /// Minor page faults of a step, on average: near 0 where memory is kept from step to step; nil for the loader.
  public let pageFaultsPerStep: Double?
  /// The most that tensors took on the device, in bytes.
  public let peakTensorMemory: Int
  /// The most that the process held, in bytes.
  public let peakProcessMemory: Int
  /// The machine.
  public let hardware: HardwareDescription

  /// Floating-point operations in a second by the model's shape, in billions; nil for the loader.
  public var gflopsPerSecond: Double? {
    let flops = FLOPs(config)
    switch options.mode {
    case .train: return flops.training * imagesPerSecond / 1e9
    case .infer, .latency: return flops.forward * imagesPerSecond / 1e9
    case .loader: return nil
    }
  }

  /// The object that `docs/formats/bench.md` describes.
  public var value: OptionsValue {
    var entries: [OptionsValue.Entry] = [
      .init("mode", .string(options.mode.rawValue)), .init("model", .string(options.model)),
      .init("classes", .int(Int64(options.numClasses))), .init("batch_size", .int(Int64(batchSize))),
    ]
    if options.mode != .loader { entries.append(.init("precision", .string(options.precision.rawValue))) }
    if options.mode == .train {
      entries.append(.init("activation_checkpointing", .bool(options.checkpointsActivations)))
    }
    entries.append(.init("steps", .int(Int64(numSteps))))
    if options.mode == .latency {
      entries.append(.init("milliseconds", .double(Self.rounded(1000 * secondsPerStep))))
    } else {
      entries.append(.init("images_per_second", .double(Self.rounded(imagesPerSecond))))
    }
    if let gflopsPerSecond { entries.append(.init("gflops_per_second", .double(Self.rounded(gflopsPerSecond)))) }
    if let pageFaultsPerStep { entries.append(.init("page_faults_per_step", .double(Self.rounded(pageFaultsPerStep)))) }
    entries += [
      .init("peak_memory_mb", .double(Self.rounded(Double(peakTensorMemory) / 1e6))),
      .init("peak_process_memory_mb", .double(Self.rounded(Double(peakProcessMemory) / 1e6))),
      .init("hardware", hardware.value),
    ]
    return .mapping(entries)
  }

  /// A few lines for people.
  public var text: String {
    let head =
      options.mode == .loader
      ? "loader: batches of \(batchSize) at \(config.imageSize) pixels"
      : "\(options.mode.rawValue): \(options.model), \(options.numClasses) classes, batch \(batchSize), "
        + options.precision.rawValue + (options.checkpointsActivations ? ", activation checkpointing" : "")
    let speed: String
    switch options.mode {
    case .latency: speed = String(format: "%.2f ms, median of %d passes", 1000 * secondsPerStep, numSteps)
    case .loader: speed = String(format: "%.1f images/s over %d batches", imagesPerSecond, numSteps)
    default: speed = String(format: "%.1f images/s, by the median of %d steps", imagesPerSecond, numSteps)
    }
    let rate = gflopsPerSecond.map { String(format: "\n%.0f GFLOP/s by the model's shape", $0) } ?? ""
    let memory =
      String(
        format: "\npeak memory: %.0f MB of tensors, %.0f MB of the process", Double(peakTensorMemory) / 1e6,
        Double(peakProcessMemory) / 1e6)
      + (pageFaultsPerStep.map { String(format: ", %.0f page faults a step", $0) } ?? "")
    let machine =
      "\non \(hardware.device), \(hardware.processor), \(hardware.numThreads) threads, libtorch "
      + "\(hardware.torchVersion), matmul backend \(hardware.matmulBackend.rawValue)"
    return head + "\n" + speed + rate + memory + machine
  }

  /// Six significant digits: no clock knows more.
  private static func rounded(_ value: Double) -> Double { Double(String(format: "%.6g", value)) ?? value }
}
