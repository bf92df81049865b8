import Dataset
import NN
import Recipes
import Torch
import Training
import VisionModels

/// What `vitrail train --dry-run` shows.
enum DryRunReport {
  static func write(_ run: Run) throws {
    try run.scan()
    let parts = run.parts
    print(parts.config, terminator: "")
    let config = parts.description.config
    print(
      "\n# model: \(parts.description.name), \(parts.model.numParameters) parameters, "
        + "\(config.numClasses) classes, \(config.numTokens) tokens")
    print("# data: \(run.data.train.count) images to train on, \(run.data.validation.count) to evaluate on")
    print("# steps: \(run.stepsPerEpoch) an epoch, \(run.totalSteps) in all")
    let epoch = try parts.loader.makeEpoch(0)
    defer { epoch.cancel() }
    guard let batch = try epoch.next() else { throw CommandFailure("no training image can be read") }
    let images = DeviceTransfer(to: parts.device)(batch)
    let isFinite = try recovering {
      withoutGrad { parts.model(images.images, .inference).isFinite().all().item() == 1 }
    }
    print("# one batch: \(images.images.shape) on \(parts.device), logits \(isFinite ? "finite" : "NOT FINITE")")
    guard isFinite else { throw CommandFailure("the first batch gives logits that are not finite") }
  }
}
