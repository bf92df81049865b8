// What a model will see: the first samples of an epoch, from the very loader of the run, as pictures again.

import Augment
import Dataset
import Foundation
import Preprocessing
import Settings
import Torch
import Training
import VisionModels

/// The first samples of an epoch as pictures.
public struct SamplePreview {
  /// What is to be shown.
  public struct Options: Sendable, Hashable {
    /// Samples to show.
    public var count = 16
    /// The epoch, counted from 1.
    public var epoch = 1
    /// Whether the images of evaluation are shown, in place of those of training.
    public var evaluation = false

    /// 16 training images of the first epoch.
    public init() {}
  }

  /// The pictures with the names of their classes; of mixed images, both names with their weights.
  public let cells: [ImageGrid.Cell]
  /// The files of the pictures, below the folder of their side.
  public let paths: [String]

  /// Loads the first batches of an epoch of a run, as many as it takes. Images that cannot be read are left out, as in
  /// the run. Throws what a loader throws.
  public init(of run: Run, options: Options = Options()) throws {
    precondition(options.count >= 1 && options.epoch >= 1, "a preview of \(options.count) of epoch \(options.epoch)")
    let parts = run.parts
    guard let loader = options.evaluation ? parts.evaluator?.loader : parts.loader else {
      throw TrainingError.mismatch("the run has no evaluation")
    }
    let description = parts.description
    let inverse = InverseNormalize(description.preprocessing)
    let transfer = DeviceTransfer(to: .cpu, mixing: options.evaluation ? nil : parts.mixing)
    let epoch = try loader.makeEpoch(options.evaluation ? 0 : options.epoch - 1)
    defer { epoch.cancel() }
    var cells: [ImageGrid.Cell] = []
    var paths: [String] = []
    while cells.count < options.count, let batch = try epoch.next() {
      let (height, width) = (batch.height, batch.width)
      let names = batch.labels.map { description.classes[Int($0)] }
      paths += batch.paths.prefix(options.count - cells.count)
      let moved = try transfer(batch)
      let captions = moved.mixing.map { Self.captions(names, mixedBy: $0.plan) } ?? names
      let numbers = moved.mixed().images.array(Float.self)
      numbers.withUnsafeBufferPointer { numbers in
        let size = height * width * 3
        for index in 0..<min(names.count, options.count - cells.count) {
          let sample = UnsafeBufferPointer(rebasing: numbers[index * size..<(index + 1) * size])
          cells.append(
            ImageGrid.Cell(image: inverse.image(sample, width: width, height: height), caption: captions[index]))
        }
      }
    }
    self.cells = cells
    self.paths = paths
  }

  /// What a mixed batch shows, such as `rose 0.71 + tulip 0.29`; of a sample that stays as it is, its class.
  static func captions(_ names: [String], mixedBy plan: MixingPlan) -> [String] {
    names.indices.map { index in
      let (partner, weight) = (plan.partners[index], plan.weights[index])
      if partner == index || (weight == 1 && plan.boxes[index] == nil) { return names[index] }
      // Both as written add up to one.
      let share = (weight * 100).rounded() / 100
      return String(format: "%@ %.2f + %@ %.2f", names[index], share, names[partner], 1 - share)
    }
  }
}

extension SamplePreview {
  /// Loads the first samples of an epoch as a run with these settings would. Nothing is written, and of the model there
  /// is only what the settings' rules need. Throws what `RunBuilder.plan` throws, and a loader.
  /// - Parameter note: takes what the user should know of the set.
  public init(_ settings: RunOptions, options: Options = Options(), note: @escaping (String) -> Void = { _ in }) throws
  {
    try settings.validated(as: "settings")
    var settings = settings
    // None of these changes a pixel; they spare the time and the memory of a model that is not asked.
    settings.model.weights = nil
    settings.model.depth = 1
    settings.device = "cpu"
    settings.matmulBackend = .native
    settings.precision = .float32
    settings.training.lossScale = nil
    settings.data.prefetch = 1
    var builder = RunBuilder(settings)
    builder.note = note
    try self.init(of: builder.plan(), options: options)
  }
}

/// From a model's numbers back to 8-bit samples: number x std + mean of each channel, rounded, cut at 0 and 255. For
/// pixels that were 8-bit samples before, it is exactly what they were.
struct InverseNormalize {
  private let mean: [Float]
  private let std: [Float]

  init(_ preprocessing: ImagePreprocessing) {
    mean = preprocessing.mean.map { Float($0) }
    std = preprocessing.std.map { Float($0) }
  }

  /// The image of three planes of `width` x `height` numbers.
  func image(_ planes: UnsafeBufferPointer<Float>, width: Int, height: Int) -> ImageBuffer {
    ImageBuffer(width: width, height: height) { samples in
      for channel in 0..<3 {
        for pixel in 0..<width * height {
          let level = (planes[channel * width * height + pixel] * std[channel] + mean[channel]) * 255
          // The smaller of a number that is none and a limit is the limit.
          samples[pixel * 3 + channel] = UInt8(max(0, min(level.rounded(), 255)))
        }
      }
    }
  }
}
