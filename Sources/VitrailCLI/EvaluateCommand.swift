public import ArgumentParser
import Augment
import Dataset
import Foundation
public import Recipes
import Settings
import NN
import Telemetry
import Torch
import Training
import VisionModels

/// `vitrail evaluate`
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Evaluate a trained model on the validation split of its run, or on other images.",
    discussion: """
      vitrail evaluate --checkpoint runs/digits
      vitrail evaluate --checkpoint runs/digits --data held-out

      Gives loss, top-1, top-5, precision and recall of every class, and the confusion matrix; each image counts exactly \
      once. Of a run directory, the best checkpoint is taken; of a checkpoint with an average of the weights, the average.

      Without --data the validation split of the run is scored, also where the run split the images itself. The result \
      says which images were scored, and whether the model was trained on them.
      """)

  @Option(
    help: ArgumentHelp("A run directory, a checkpoint, or a safetensors file (with --model).", valueName: "path"),
    completion: .file())
  var checkpoint: String

  @Option(
    help: ArgumentHelp("Class folders or TFRecord shards; by default those of the run.", valueName: "dir"),
    completion: .directory)
  var data: String?

  @Option(
    help: ArgumentHelp(
      "validation, train, test or all; by default the validation split where there is one, else test, else all.",
      valueName: "name"))
  var split: EvaluationData.Split?

  @Option(help: ArgumentHelp("The model of a safetensors file.", valueName: "name"))
  var model: String?

  @Option(help: "Output format.")
  var format = OutputFormat.text

  @Option(help: "Batch size.")
  var batchSize = 64

  @Option(help: "Loader threads; by default one per available processor, at most 8.")
  var workers: Int?

  @OptionGroup var runtime: RuntimeOptions

  func validate() throws {
    if batchSize < 1 { throw ValidationError("--batch-size takes 1 or more") }
    if let workers, workers < 0 { throw ValidationError("--workers takes 0 or more") }
  }

  func run() throws {
    // Looked at before the model is loaded.
    if let data, try !ShardSet.isThere(BytePath(data)) { _ = try ImageFolderLayout.find(BytePath(data)) }
    try ExistingPath.check(weights: checkpoint, of: "--checkpoint")
    let console = ConsoleOutput.standardError
    let device = try runtime.configure()
    let trained = try Pretrained.model(at: checkpoint, name: model, warn: { console.warning($0) })
    runtime.useMatmulBackend(trainedWith: trained.matmulBackend, on: device)
    runtime.note("weights: \(trained.origin)")
    let images = try EvaluationData(data, split: split, for: trained)
    for line in images.notes { runtime.note(line) }
    let numClasses = images.source.classes.count
    guard numClasses == trained.description.config.numClasses else {
      throw UsageError(
        "the model has \(trained.description.config.numClasses) classes, \(images.path) has \(numClasses)")
    }
    trained.model.move(to: device)

    var options = DataLoader.Options()
    options.batchSize = batchSize
    options.numWorkers = workers ?? min(8, AvailableProcessors.count)
    options.maxBadFraction = 1
    let loader = try DataLoader(
      source: images.source, pipeline: EvalTransform(trained.description.preprocessing), sampler: SequentialSampler(),
      options: options, onBadSample: { console.warning("\($0.path) is left out: \($0.reason)") })
    let bar = runtime.quiet ? nil : ProgressBar("evaluate", total: images.source.count, unit: .items("images"))
    let task = ClassificationTask(trained.model, classes: images.source.classes)
    let report = try Evaluator(loader: loader, device: device)(task, progress: { bar?.advance(by: $0) })
    bar?.finish()
    guard let report, report.numSamples > 0 else { throw CommandFailure("no image of \(images.path) can be read") }
    guard report.numNonFinite == 0 else {
      throw CommandFailure("\(report.nonFiniteText) in \(images.path); take an earlier checkpoint than \(trained.path)")
    }
    try StandardOutput.write(
      format == .json ? EvaluationText.json(report, of: images) : EvaluationText.text(report, of: images))
  }
}

extension EvaluationData.Split: ExpressibleByArgument {}
