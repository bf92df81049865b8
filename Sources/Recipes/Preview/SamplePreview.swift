// What a model will see: the first samples of an epoch, from the very loader of the run, as pictures again.

import Augment
import Dataset
import Foundation
import Preprocessing
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

  /// The pictures with the names of their classes.
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
    let epoch = try loader.makeEpoch(options.evaluation ? 0 : options.epoch - 1)
    defer { epoch.cancel() }
    var cells: [ImageGrid.Cell] = []
    var paths: [String] = []
    while cells.count < options.count, let batch = try epoch.next() {
      let size = batch.height * batch.width * 3
      let names = batch.labels.map { description.classes[Int($0)] }
      paths += batch.paths.prefix(options.count - cells.count)
      batch.withImages { pixels in
        for index in 0..<min(batch.count, options.count - cells.count) {
          let image = inverse.image(
            UnsafeBufferPointer(rebasing: pixels[index * size..<(index + 1) * size]), width: batch.width,
            height: batch.height)
          cells.append(ImageGrid.Cell(image: image, caption: names[index]))
        }
      }
    }
    self.cells = cells
    self.paths = paths
  }
}
