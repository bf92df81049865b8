import ArgumentParser
import Dataset
import Foundation
import Recipes
import Telemetry
import Training

/// `vitrail predict`
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Classify images with a trained model.",
    discussion: """
      vitrail predict --checkpoint runs/flowers photo.jpg more/photos
      vitrail predict --checkpoint runs/flowers photos --format csv > photos.csv

      PATH is a run directory (its best checkpoint is taken), a checkpoint, or a safetensors file with timm's keys \
      together with --model. Folders are searched for images, with the folders in them; links are followed, hidden names \
      are left out. A file that cannot be read is named, left out, and makes the exit code 1.
      """)

  @Option(
    help: ArgumentHelp("A run directory, a checkpoint, or a safetensors file (with --model).", valueName: "path"),
    completion: .file())
  var checkpoint: String

  @Argument(help: ArgumentHelp("Images, or folders with images.", valueName: "file-or-dir"), completion: .file())
  var paths: [String]

  @Option(help: ArgumentHelp("The model of a safetensors file.", valueName: "name"))
  var model: String?

  @Option(help: "Number of predicted classes shown per image; 3 if left out.")
  var topK: Int?

  @Option(help: "Output format.")
  var format = PredictionWriter.Format.text

  @Flag(help: "Also print the logits of all classes, in class order (json always does).")
  var logits = false

  @Option(help: "Batch size.")
  var batchSize = 32

  @OptionGroup var runtime: RuntimeOptions

  func validate() throws {
    if let topK, topK < 1 { throw ValidationError("--top-k takes 1 or more") }
    if batchSize < 1 { throw ValidationError("--batch-size takes 1 or more") }
  }

  func run() throws {
    try ExistingPath.check(weights: checkpoint, of: "--checkpoint")
    let found = try ImageFiles(ArgumentPath.paths(paths))
    let device = try runtime.configure()
    let console = ConsoleOutput.standardError
    let predictor = try Predictor(
      checkpoint: checkpoint, model: model, device: device, matmulBackend: runtime.matmulBackend,
      warn: { console.warning($0) })
    runtime.note("weights: \(predictor.trained.origin)")
    let numClasses = predictor.trained.description.classes.count
    if let topK, topK > numClasses {
      runtime.note("--top-k \(topK): the model has \(numClasses) classes, all of them are shown")
    }
    for warning in found.warnings { console.warning(warning) }
    var writer = PredictionWriter(
      format: format, withLogits: logits, classes: predictor.trained.description.classes,
      withBytes: found.files.contains { $0.text == nil })
    var numPredicted = 0
    try predictor.predict(
      found.files, topK: topK ?? 3, batchSize: batchSize,
      onBadFile: { console.warning("\($0.path) is left out: \($0.reason)") }
    ) { prediction in
      numPredicted += 1
      try writer.write(prediction)
    }
    try writer.finish()
    if numPredicted < found.files.count || found.hasUnreadableFolders { throw ExitCode(1) }
  }
}

/// The images that arguments stand for: files as they are, folders with every image below them in byte order.
struct ImageFiles {
  private(set) var files: [BytePath] = []
  /// What the user should know, one line each.
  private(set) var warnings: [String] = []
  private(set) var hasUnreadableFolders = false

  init(_ paths: [BytePath]) throws {
    var others: [String: Int] = [:]
    for path in paths {
      guard FileTree.leadsSomewhere(path) else {
        throw UsageError("there is no file or folder '\(printable(path.description))'")
      }
      guard FileTree.isFolder(path) else {
        files.append(path)
        continue
      }
      let (images, notes) = try ImageFolder.images(below: path)
      for folder in notes.unreadableFolders {
        hasUnreadableFolders = true
        warnings.append("\(path.appending(folder.path)) is left out: \(folder.reason)")
      }
      if images.isEmpty, notes.unreadableFolders.isEmpty {
        let hint = ImageFolder.conversionHint(notes.otherImages).map { " that can be read: \($0)" } ?? ""
        throw UsageError("there is no image in '\(printable(path.description))'\(hint)")
      }
      others.merge(notes.otherImages, uniquingKeysWith: +)
      files += images
    }
    if let hint = ImageFolder.conversionHint(others) { warnings.append("images are left out: \(hint)") }
  }
}
