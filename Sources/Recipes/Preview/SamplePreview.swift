// What a model will see: the first samples of an epoch, from the very loader of the run, as pictures again.

import Augment
import Dataset
import Foundation
import Preprocessing
import Torch
import Training

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
    let mixing = options.evaluation ? nil : (parts.task as? ClassificationTask)?.mixing
    let epoch = try loader.makeEpoch(options.evaluation ? 0 : options.epoch - 1)
    defer { epoch.cancel() }
    var cells: [ImageGrid.Cell] = []
    var paths: [String] = []
    while cells.count < options.count, let batch = try epoch.next() {
      let (height, width) = (batch.height, batch.width)
      let names = batch.labels.map { description.classes[Int($0)] }
      let plan = mixing?.plan(
        epoch: batch.epoch, batch: batch.index, count: batch.count, height: height, width: width)
      let captions = plan.map { Self.captions(names, mixedBy: $0) } ?? names
      paths += batch.paths.prefix(options.count - cells.count)
      let images = DeviceTransfer(to: .cpu)(batch).images
      let numbers = (plan.map { BatchMixing.mix(images, by: $0) } ?? images).array(Float.self)
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
