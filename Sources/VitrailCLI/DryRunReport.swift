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
      "\n# model: \(parts.description.name), \(parts.task.module.numParameters) parameters, "
        + "\(config.numClasses) classes, \(config.numTokens) tokens")
    try StandardOutput.line(
      "# data: \(run.data.train.count) images to train on, \(run.data.validation.count) to evaluate on")
    try StandardOutput.line("# steps: \(run.stepsPerEpoch) an epoch, \(run.totalSteps) in all")
    let epoch = try parts.loader.makeEpoch(0)
    defer { epoch.cancel() }
    guard let batch = try epoch.next() else { throw CommandFailure("no training image can be read") }
    let shape = batch.imageShape
    let loss = try recovering {
      try withoutGrad { try parts.task.loss(DeviceTransfer(to: parts.device)(batch), .inference).loss.item() }
    }
    try StandardOutput.line(
      "# one batch: \(shape) on \(parts.device), loss \(loss.isFinite ? "finite" : "NOT FINITE")")
    guard loss.isFinite else { throw CommandFailure("the first batch gives a loss that is not finite") }
  }
}
