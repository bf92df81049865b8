// What is measured, and how:
//
//   train    the step that a run makes: forward, cross-entropy, backward, SGD with momentum, on one synthetic batch
//   infer    a forward pass without gradients over a fixed synthetic batch
//   latency  the same with a single image
//   loader   the training loader over a folder of images or shards: decode, random resized crop, flip, transforms,
//            normalise
//
// The first three report the median over steps; the loader, whose batches come in bursts, all images over all seconds.
public import Augment
import Foundation
public import Settings
import Telemetry
public import Torch
public import VisionModels

/// A measurement of speed, of the same work that `scripts/bench` lets other systems do.
public struct Benchmark: Sendable {
  /// What to measure.
  public enum Mode: String, Sendable, CaseIterable {
    /// Train steps.
    case train
    /// Forward passes over batches.
    case infer
    /// Forward passes over one image.
    case latency
    /// The training loader.
    case loader
  }

  /// What can be set.
  public struct Options: Sendable {
    /// What to measure.
    public var mode = Mode.train
    /// The preset.
    public var model = "vit_tiny_patch16_224"
    /// Classes of the head.
    public var numClasses = 1000
    /// Images of a batch; `latency` takes one whatever it says.
    public var batchSize = 32
    /// What the model computes in.
    public var precision = RunOptions.Precision.float32
    /// Whether `train` computes blocks again in the backward pass, as `training.activation_checkpointing` does.
    public var checkpointsActivations = false
    /// Measures until so much time has passed; at least one step is made.
    public var seconds = 10.0
    /// Steps before the clock starts; of the loader, epochs. If left out, three steps or one epoch.
    public var numWarmupSteps: Int?
    /// The folder that the loader reads: class folders, or TFRecord shards.
    public var data: String?
    /// Threads that read and decode; the processors that this process may use, at most 8, if left out.
    public var workers: Int?
    /// What the loader does to images after crop and flip.
    public var transforms: [TransformSettings] = []

    /// Ten seconds of train steps of vit_tiny_patch16_224.
    public init() {}
  }

  /// The settings.
  public let options: Options
  /// The model that is measured, or whose input the loader makes.
  public let preset: ViTPreset
  let device: Device

  /// A measurement on a device.
  /// - Throws: `PretrainedError.unknownName`.
  public init(_ options: Options, device: Device) throws {
    guard let preset = ViTPresets[options.model] else { throw PretrainedError.unknownName(options.model) }
    precondition(options.numClasses > 0 && options.batchSize > 0, "a benchmark needs classes and images")
    precondition(options.numWarmupSteps ?? 0 >= 0 && options.seconds >= 0, "a benchmark cannot take less than no time")
    self.options = options
    self.preset = preset
    self.device = device
  }

  /// Does the work and measures it.
  /// - Parameter progress: told of the images of each measured step.
  /// - Throws: `TorchError`; of the loader, `ImageFolderError`, `ShardError`, `DataLoaderError`.
  public func run(progress: (Int) -> Void = { _ in }) throws -> BenchmarkReport {
    device.resetPeakMemory()
    let measured = options.mode == .loader ? try measureLoader(progress) : try measureModel(progress)
    return BenchmarkReport(
      options: options, config: config, batchSize: batchSize, numSteps: measured.numSteps,
      secondsPerStep: measured.secondsPerStep, imagesPerSecond: measured.imagesPerSecond,
      pageFaultsPerStep: measured.pageFaultsPerStep,
      peakTensorMemory: device.memory.peak, peakProcessMemory: ProcessMemory.peak,
      hardware: .current(device: device))
  }

  struct Measured {
    var numSteps: Int
    var secondsPerStep: Double
    var imagesPerSecond: Double
    var pageFaultsPerStep: Double?
  }

  var numWarmupSteps: Int { options.numWarmupSteps ?? (options.mode == .loader ? 1 : 3) }

  var batchSize: Int { options.mode == .latency ? 1 : options.batchSize }

  var config: ViTConfig {
    var config = preset.config
    config.numClasses = options.numClasses
    return config
  }
}
