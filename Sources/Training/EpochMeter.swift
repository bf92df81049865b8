import Telemetry
public import Torch
import VisionModels

/// Measures the epoch under way and writes its report. Reads nothing from the device but, at the end, its memory.
struct EpochMeter {
  /// The first steps of a process pay for what later ones find ready, and are left out of rates.
  private static let numWarmupSteps = 2

  private let device: Device
  private let flops: FLOPs?
  private let peakSpeed: Double?
  private var numSteps = 0
  private var start = 0.0
  private var times = StepTimes()

  init(device: Device, flops: FLOPs?, peakSpeed: Double?) {
    self.device = device
    self.flops = flops
    self.peakSpeed = peakSpeed
  }

  /// Begins an epoch.
  mutating func begin() {
    device.resetPeakMemory()
    start = monotonicSeconds()
    times = StepTimes()
  }

  /// Takes a step's times.
  mutating func add(_ step: StepReport) {
    numSteps += 1
    times.add(
      seconds: step.seconds, waiting: min(step.waitingSeconds, step.seconds), samples: step.numSamples,
      isWarmup: numSteps <= Self.numWarmupSteps)
  }

  /// The report of the epoch.
  func report(
    step: Int, epoch: Int, trainLoss: Double, learningRate: Double, evaluation: EvaluationReport?
  ) -> EpochReport {
    EpochReport(
      step: step, epoch: epoch, trainLoss: trainLoss, evaluation: evaluation, seconds: monotonicSeconds() - start,
      learningRate: learningRate, steps: times,
      trainRate: times.samplesPerSecond.flatMap { rate($0, flops?.training) },
      evaluationRate: evaluation.flatMap {
        $0.seconds > 0 ? rate(Double($0.numSamples) / $0.seconds, flops?.forward) : nil
      },
      memory: .current(on: device))
  }

  private func rate(_ imagesPerSecond: Double, _ flopsPerImage: Double?) -> ComputeRate? {
    flopsPerImage.map { ComputeRate(imagesPerSecond: imagesPerSecond, flopsPerImage: $0, peak: peakSpeed) }
  }
}

/// How fast a model worked through images.
public struct ComputeRate: Sendable, Equatable {
  /// Images in a second.
  public var imagesPerSecond: Double
  /// Floating-point operations in a second, by the model's shape (`VisionModels.FLOPs`).
  public var flopsPerSecond: Double
  /// Model FLOP/s utilisation (Chowdhery et al. 2022): the share of the device's peak, from 0; nil where the peak is not
  /// known.
  public var utilization: Double?

  /// A rate.
  /// - Parameters:
  ///   - flopsPerImage: what an image takes.
  ///   - peak: FLOP/s of the device at best, if known.
  public init(imagesPerSecond: Double, flopsPerImage: Double, peak: Double?) {
    self.imagesPerSecond = imagesPerSecond
    flopsPerSecond = imagesPerSecond * flopsPerImage
    utilization = peak.map { imagesPerSecond * flopsPerImage / $0 }
  }
}

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
