import Dataset
import NN
import Recipes
import Telemetry
import Torch
import Training
import VisionModels

/// What `vitrail train --dry-run` shows.
enum DryRunReport {
  static func write(_ run: Run) throws {
    try run.scan()
    let parts = run.parts
    try StandardOutput.write(parts.config)
    let config = parts.description.config
    try StandardOutput.line(
      "\n# model: \(parts.description.name), \(parts.model.numParameters) parameters, "
        + "\(config.numClasses) classes, \(config.numTokens) tokens")
    try StandardOutput.line(
      "# data: \(run.data.train.count) images to train on, \(run.data.validation.count) to evaluate on")
    try StandardOutput.line("# steps: \(run.stepsPerEpoch) an epoch, \(run.totalSteps) in all")
    let epoch = try parts.loader.makeEpoch(0)
    defer { epoch.cancel() }
    guard let batch = try epoch.next() else { throw CommandFailure("no training image can be read") }
    let images = DeviceTransfer(to: parts.device)(batch)
    let isFinite = try recovering {
      withoutGrad { parts.model(images.images, .inference).isFinite().all().item() == 1 }
    }
    try StandardOutput.line(
      "# one batch: \(images.images.shape) on \(parts.device), logits \(isFinite ? "finite" : "NOT FINITE")")
    guard isFinite else { throw CommandFailure("the first batch gives logits that are not finite") }
  }
}
