import ArgumentParser
import Dataset
import Foundation
import Recipes
import Telemetry
import Training

/// `vitrail predict`
struct PredictCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, csv }

  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Classify images with a trained model.",
    discussion: """
      vitrail predict --checkpoint runs/flowers photo.jpg more/photos
      vitrail predict --checkpoint runs/flowers photos --format csv > photos.csv

      PATH is a run directory (its best checkpoint is taken), a checkpoint, or a safetensors file with timm's keys \
      together with --model. Folders are searched for images, with the folders in them. A file that cannot be read is \
      named, left out, and makes the exit code 1.
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
  var format = Format.text

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
    let files = try ImageFiles.find(paths)
    let device = try runtime.configure()
    let predictor = try Predictor(checkpoint: checkpoint, model: model, device: device)
    runtime.useProducts(preferring: predictor.trained.products, on: device)
    runtime.note("weights: \(predictor.trained.origin)")
    let numClasses = predictor.trained.description.classes.count
    if let topK, topK > numClasses {
      runtime.note("--top-k \(topK): the model has \(numClasses) classes, all of them are shown")
    }
    let console = ConsoleOutput.standardError
    var writer = PredictionWriter(format: format, withLogits: logits, classes: predictor.trained.description.classes)
    var numPredicted = 0
    try predictor.predict(
      files, topK: topK ?? 3, batchSize: batchSize,
      onBadFile: { console.warning("\($0.path) is left out: \($0.reason)") }
    ) { prediction in
      numPredicted += 1
      writer.write(prediction)
    }
    writer.finish()
    if numPredicted < files.count { throw ExitCode(1) }
  }
}

/// The images that arguments stand for.
enum ImageFiles {
  /// Files as they are, folders with every image below them in byte order.
  static func find(_ paths: [String]) throws -> [String] {
    var files: [String] = []
    for path in paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw UsageError("there is no file or folder '\(printable(path))'")
      }
      guard isFolder.boolValue else {
        files.append(path)
        continue
      }
      let below = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
      let images = below.filter { ImageFolder.extensions.contains(($0 as NSString).pathExtension.lowercased()) }
      if images.isEmpty { throw UsageError("there is no image in '\(printable(path))'") }
      files += images.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { "\(path)/\($0)" }
    }
    return files
  }
}
