import ArgumentParser
import Foundation
import Recipes
import Settings
import Telemetry
import Training

/// `vitrail train`
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model, from a recipe or from a folder of photos.",
    discussion: """
      From a recipe:  vitrail train --config recipes/digits.yaml --set training.epochs=10
      From photos:    vitrail train --data photos --model vit_tiny_patch16_224 --out runs/photos
      Going on:       vitrail train --config recipes/digits.yaml --resume auto

      Photos lie in one folder for each class; without a validation/ folder a fifth of them is kept for evaluation. \
      `vitrail init` writes a recipe with every setting explained. SIGINT or SIGTERM finish the step, save and exit \
      with 130 or 143; a second SIGINT stops at once.
      """)

  @Option(help: ArgumentHelp("The recipe, a YAML file.", valueName: "file"))
  var config: String?

  @Option(
    name: .customLong("set"), help: ArgumentHelp("Change one setting, such as training.lr=3e-4.", valueName: "a.b=c"))
  var settings: [String] = []

  @Option(help: ArgumentHelp("The folder with the photos, in place of data.path.", valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("The model, in place of model.name.", valueName: "name"))
  var model: String?

  @Option(help: ArgumentHelp("The run directory, in place of out.", valueName: "dir"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Go on from 'auto' (the newest checkpoint of the run) or from a checkpoint.", valueName: "auto|path"))
  var resume: String?

  @Option(
    name: .customLong("init"),
    help: ArgumentHelp("Start from these weights: a safetensors file, a checkpoint or a run.", valueName: "weights"))
  var initialWeights: String?

  @Flag(help: "Resolve the settings, load one batch, take one forward pass, and write nothing.")
  var dryRun = false

  @Option(help: "cpu, cuda, cuda:N or auto, in place of device.")
  var device: String?

  @Option(help: "Threads of one operator, in place of threads.")
  var threads: Int?

  @Flag(help: "Say only what went wrong, and the results.")
  var quiet = false

  func validate() throws {
    if config == nil && data == nil {
      throw ValidationError("--config FILE or --data DIR is needed; `vitrail init` writes a first recipe")
    }
  }

  func run() throws {
    let options = try resolve()
    var builder = RunBuilder(options)
    let isQuiet = quiet
    builder.note = { line in if !isQuiet { ConsoleOutput.standardError.line(line) } }
    if dryRun { return try DryRunReport.write(builder.plan()) }

    let signals = StopSignals()
    builder.stopRequest = { signals.current.map { $0 == SIGINT ? "SIGINT" : "SIGTERM" } }
    let run = try resume.map { try builder.resume(from: $0 == "auto" ? nil : $0) } ?? builder.build()
    let end = try run.train(reportingTo: [ConsoleSink(isQuiet: quiet)])
    try report(end, out: options.out)
    if case .interrupted = end.status, let code = signals.exitCode { throw ExitCode(code) }
  }

  /// The recipe, the flags in their own right, and `--set`, which has the last word.
  private func resolve() throws -> RunOptions {
    var flags: [String] = []
    func flag(_ path: String, _ value: String?) {
      if let value { flags.append("\(path)=\(Self.quoted(value))") }
    }
    flag("data.path", data)
    flag("model.name", model)
    flag("out", out)
    flag("model.weights", initialWeights)
    flag("device", device)
    flag("threads", threads.map(String.init))
    var defaults = RunOptions()
    if config == nil, let data {
      defaults.out = "runs/\(URL(fileURLWithPath: data).lastPathComponent)"
    }
    if let config {
      return try OptionsLoader.load(RunOptions.self, path: config, overrides: flags + settings)
    }
    return try OptionsLoader.load(
      RunOptions.self, yaml: "", source: "settings", overrides: flags + settings, defaults: defaults)
  }

  /// A YAML string, whatever is in it.
  private static func quoted(_ text: String) -> String {
    Int(text) != nil ? text : "'\(text.replacingOccurrences(of: "'", with: "''"))'"
  }

  private func report(_ end: RunEnd, out: String) throws {
    guard !quiet else { return }
    let table = try RunSummaryTable(metricsFile: "\(out)/metrics.jsonl").text()
    print(table)
    if let best = end.best {
      print("best: epoch \(best.epoch), top-1 \(String(format: "%.2f", best.top1)) %, in \(out)/checkpoints/best")
    }
    if case .interrupted(let reason) = end.status {
      print("stopped by \(reason) and saved; go on with --resume auto")
    }
  }
}
