public import ArgumentParser
import Dataset
import Foundation
import Launch
import Parallelism
public import Recipes
import Settings
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

      Several ranks share the images, for the same figures:
        vitrail launch --nproc-per-node 4 -- evaluate --checkpoint runs/digits

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

  @OptionGroup var ranks: RankOptions

  @Option(help: ArgumentHelp("Seconds that ranks wait for one another.", valueName: "s"))
  var timeout = 600.0

  func validate() throws {
    if !(1...86_400).contains(timeout) { throw ValidationError("--timeout takes 1 to 86400 seconds") }
    if batchSize < 1 { throw ValidationError("--batch-size takes 1 or more") }
    if let workers, workers < 0 { throw ValidationError("--workers takes 0 or more") }
  }

  func run() throws {
    let place = try ranks.place()
    let group = try ProcessGroup.meet(place, timeout: timeout)
    try group.sharingFailure(code: Self.code(of:)) {
      let numLocalRanks = place?.localWorldSize ?? 1
      let (report, images) = try score(
        over: group, localRank: place?.localRank ?? 0, numLocalRanks: numLocalRanks,
        workers: workers ?? min(8, max(1, AvailableProcessors.count / numLocalRanks)))
      try group.onFirst("the result", code: Self.code(of:)) {
        try StandardOutput.write(
          format == .json ? EvaluationText.json(report, of: images) : EvaluationText.text(report, of: images))
      }
    }
  }

  /// What this rank finds together with the others; the first tells the user of it.
  private func score(
    over group: ProcessGroup, localRank: Int, numLocalRanks: Int, workers: Int
  ) throws -> (EvaluationReport, EvaluationData) {
    // Looked at before the model is loaded.
    if let data, try !ShardSet.isThere(BytePath(data)) { _ = try ImageFolderLayout.find(BytePath(data)) }
    try ExistingPath.check(weights: checkpoint, of: "--checkpoint")
    let isFirst = group.isFirst
    func note(_ line: String) { if isFirst { runtime.note(line) } }
    @Sendable func warn(_ line: String) { if isFirst { ConsoleOutput.standardError.warning(line) } }
    let device = try runtime.configure(localRank: localRank, numLocalRanks: numLocalRanks)
    let trained = try Pretrained.model(at: checkpoint, name: model, warn: warn)
    runtime.useMatmulBackend(trainedWith: trained.matmulBackend, on: device)
    note("weights: \(trained.origin)")
    let images = try EvaluationData(data, split: split, for: trained)
    for line in images.notes { note(line) }
    let numClasses = images.source.classes.count
    guard numClasses == trained.description.config.numClasses else {
      throw UsageError(
        "the model has \(trained.description.config.numClasses) classes, \(images.path) has \(numClasses)")
    }
    let evaluation = try ModelEvaluation(
      of: trained, on: images, device: device, batchSize: batchSize, workers: workers, group: group,
      onBadSample: { warn("\($0.path) is left out: \($0.reason)") })
    let bar =
      runtime.quiet || !isFirst
      ? nil : ProgressBar("evaluate", total: images.source.count, unit: .items("images"))
    var numDone = 0
    let report = try evaluation {
      // The other ranks are about as far.
      numDone += $0 * group.size
      bar?.update(to: min(numDone, images.source.count))
    }
    bar?.update(to: report.numSamples)
    bar?.finish()
    guard report.numSamples > 0 else { throw CommandFailure("no image of \(images.path) can be read") }
    guard report.numNonFinite == 0 else {
      throw CommandFailure("\(report.nonFiniteText) in \(images.path); take an earlier checkpoint than \(trained.path)")
    }
    return (report, images)
  }
}

extension EvaluationData.Split: ExpressibleByArgument {}
