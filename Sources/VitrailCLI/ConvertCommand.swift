public import ArgumentParser
import Dataset
import Foundation
public import Recipes
import Settings
import Telemetry

/// `vitrail convert`
struct ConvertCommand: ParsableCommand {
  /// Whose names the tensors get.
  enum Names: String, ExpressibleByArgument, CaseIterable { case timm }

  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write the weights of a run or checkpoint as one file for other programs.",
    discussion: """
      vitrail convert runs/photos --to timm photos.safetensors
      vitrail convert runs/photos/checkpoints/last last.safetensors --weights model

      Of a run directory, the best checkpoint is taken; of a checkpoint with an average of the weights, the average, as \
      `vitrail evaluate` does. timm loads the file by create_model(NAME, num_classes=N, checkpoint_path=FILE).
      """)

  @Argument(
    help: ArgumentHelp("A run directory or a checkpoint.", valueName: "run-or-checkpoint"), completion: .directory)
  var path: String

  @Argument(
    help: ArgumentHelp("The file to write, which ends in .safetensors.", valueName: "file"),
    completion: .file(extensions: ["safetensors"]))
  var file: String

  @Option(help: "Whose names the tensors get.")
  var to = Names.timm

  @Option(
    help: ArgumentHelp("Weights: the average if there is one, if left out.", valueName: "model|ema"))
  var weights: WeightsConversion.Selection?

  @Flag(help: "Replace a file that is there.")
  var force = false

  @Flag(help: "Print only errors.")
  var quiet = false

  func run() throws {
    try ExistingPath.check(path, of: "convert")
    guard file.hasSuffix(".safetensors") else {
      throw UsageError("convert writes safetensors: give a name that ends in .safetensors, not '\(printable(file))'")
    }
    let output = try ArgumentPath.path(file)
    if FileTree.exists(output), !force {
      throw UsageError("\(printable(file)) exists; choose another name, or replace it with --force")
    }
    // The file of a checkpoint that has other bytes than were saved makes the checkpoint a damaged one.
    let folder = (file as NSString).deletingLastPathComponent as NSString
    if FileTree.exists(BytePath(folder.appendingPathComponent("state.json"))) {
      throw UsageError(
        "\(printable(file)) lies in a checkpoint, whose files stay as they were saved; take another folder")
    }
    let console = ConsoleOutput.standardError
    let made = try WeightsConversion(path, to: file, selection: weights, warn: { console.warning($0) })
    guard !quiet else { return }
    let kind = made.weights == .average ? "the average of the weights" : "the trained weights"
    try StandardOutput.line(
      "\(printable(file)): \(made.numTensors) tensors, \(made.numParameters) parameters, \(made.numBytes) bytes, "
        + "\(kind) of \(printable(made.checkpoint))")
  }
}

extension WeightsConversion.Selection: ExpressibleByArgument {}
