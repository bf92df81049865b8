import ArgumentParser
import Augment
import Dataset
import Foundation
import Recipes
import Settings
import NN
import Telemetry
import Torch
import Training
import VisionModels

/// `vitrail evaluate`
struct EvaluateCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Evaluate a trained model on a folder of images.",
    discussion: """
      vitrail evaluate --checkpoint runs/digits --data data/digits

      Gives loss, top-1, top-5, precision and recall of every class, and the confusion matrix; each image counts exactly \
      once. Of a run directory, the best checkpoint is taken; of a checkpoint with an average of the weights, the average.
      """)

  @Option(
    help: ArgumentHelp("A run directory, a checkpoint, or a safetensors file (with --model).", valueName: "path"),
    completion: .file())
  var checkpoint: String

  @Option(
    help: ArgumentHelp(
      "Class folders or TFRecord shards; the validation split is used where there is one.", valueName: "dir"),
    completion: .directory)
  var data: String

  @Option(help: ArgumentHelp("The model of a safetensors file.", valueName: "name"))
  var model: String?

  @Option(help: "Output format.")
  var format = Format.text

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
    if try !ShardSet.isThere(BytePath(data)) { _ = try ImageFolderLayout.findEvaluation(BytePath(data)) }
    try ExistingPath.check(weights: checkpoint, of: "--checkpoint")
    let device = try runtime.configure()
    let trained = try Pretrained.model(at: checkpoint, name: model)
    runtime.useProducts(preferring: trained.products, on: device)
    runtime.note("weights: \(trained.origin)")
    // A bare file knows its classes by number alone; then the folder's own order names them.
    let known = trained.weights == .file ? nil : trained.description.classes
    let images = try EvaluationData.find(BytePath(data), classes: known) { runtime.note($0) }
    guard images.classes.count == trained.description.config.numClasses else {
      throw UsageError(
        "the model has \(trained.description.config.numClasses) classes, \(data) has \(images.classes.count)")
    }
    trained.model.move(to: device)

    var options = DataLoader.Options()
    options.batchSize = batchSize
    options.numWorkers = workers ?? min(8, AvailableProcessors.count)
    options.maxBadFraction = 1
    let console = ConsoleOutput.standardError
    let loader = try DataLoader(
      source: images, pipeline: EvalTransform(trained.description.preprocessing), sampler: SequentialSampler(),
      options: options, onBadSample: { console.warning("\($0.path) is left out: \($0.reason)") })
    let bar = runtime.quiet ? nil : ProgressBar("evaluate", total: images.count, unit: .items("images"))
    let report = try Evaluator(loader: loader, device: device)(trained.model, progress: { bar?.advance(by: $0) })
    bar?.finish()
    guard let report, report.numSamples > 0 else { throw CommandFailure("no image of \(data) can be read") }
    print(format == .json ? EvaluationText.json(report) : EvaluationText.text(report), terminator: "")
  }
}
