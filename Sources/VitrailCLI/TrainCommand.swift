public import ArgumentParser
import Foundation
public import Recipes
import Settings
import Telemetry
import Training

/// `vitrail train`
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model from a recipe or a folder of photos.",
    discussion: """
      From photos:  vitrail train --data photos --out runs/photos
      From a file:  vitrail train --config my.yaml --set training.epochs=10
      Resume:       vitrail train --config my.yaml --resume auto
      Fine-tune:    vitrail train --data photos --init weights.safetensors

      Photos lie in one folder for each class; without a validation/ folder a fifth of them is kept for evaluation. \
      `vitrail init` writes a recipe with every setting explained. Weights and classes of the best epoch end up in \
      OUT/checkpoints/best.

      SIGINT or SIGTERM finish the step, save and exit with 130 or 143; a second SIGINT stops at once. A run directory \
      that exists is refused without --resume.
      """)

  @Option(
    help: ArgumentHelp("The recipe, a YAML file.", valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Option(
    name: .customLong("set"), help: ArgumentHelp("Change one setting, such as training.lr=3e-4.", valueName: "a.b=c"))
  var settings: [String] = []

  @Option(
    help: ArgumentHelp(
      "Train as a published system did, defects included (docs/compat.md): tencent.", valueName: "preset"))
  var compat: CompatPreset?

  @Option(
    help: ArgumentHelp("The folder with the images; sets data.path.", valueName: "dir"), completion: .directory)
  var data: String?

  @Option(help: ArgumentHelp("The model; sets model.name.", valueName: "name"))
  var model: String?

  @Option(help: ArgumentHelp("The run directory; sets out.", valueName: "dir"), completion: .directory)
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Resume from 'auto' (the newest checkpoint of the run) or from a checkpoint.", valueName: "auto|path"),
    completion: .file())
  var resume: String?

  @Option(
    name: .customLong("init"),
    help: ArgumentHelp("Start from these weights: a safetensors file, a checkpoint or a run.", valueName: "weights"),
    completion: .file())
  var initialWeights: String?

  @Flag(help: "Check the settings, load one batch and run one forward pass, without training.")
  var dryRun = false

  @Option(
    help: ArgumentHelp("Write a plot of the learning rate to an SVG file, without training.", valueName: "svg"),
    completion: .file(extensions: ["svg"]))
  var plotSchedule: String?

  @Option(help: "cpu, cuda, cuda:N or auto; sets device.")
  var device: String?

  @Option(help: "CPU threads per operator; sets threads.")
  var threads: Int?

  @Flag(help: "Print only results and errors.")
  var quiet = false

  @Flag(help: "Show speed, step times and memory of each epoch.")
  var verbose = false

  func run() throws {
    guard config != nil || data != nil else {
      throw UsageError("train needs --data DIR or --config FILE; `vitrail init` writes a first recipe")
    }
    if let plotSchedule, !plotSchedule.hasSuffix(".svg") {
      throw UsageError("--plot-schedule draws an SVG: give it a name that ends in .svg, not '\(plotSchedule)'")
    }
    try ExistingPath.check(weights: initialWeights, of: "--init")
    if resume != "auto" { try ExistingPath.check(resume, of: "--resume") }
    let options = try resolve()
    var builder = RunBuilder(options)
    let isQuiet = quiet
    builder.note = { line in if !isQuiet { ConsoleOutput.standardError.line(line) } }
    if dryRun || plotSchedule != nil { return try describe(builder.plan()) }

    let signals = StopSignals()
    builder.stopRequest = { signals.current.map { $0 == SIGINT ? "SIGINT" : "SIGTERM" } }
    let run = try resume.map { try builder.resume(from: $0 == "auto" ? nil : $0) } ?? builder.build()
    let end = try run.train(reportingTo: [ConsoleSink(isQuiet: quiet, isVerbose: verbose)])
    try report(end, out: options.out)
    if case .interrupted = end.status, let code = signals.exitCode { throw ExitCode(code) }
  }

  /// What can be said of a run without training.
  private func describe(_ run: Run) throws {
    if let plotSchedule {
      try SchedulePlot(run).write(to: plotSchedule)
      if !quiet { ConsoleOutput.standardError.line("Wrote \(plotSchedule)") }
    }
    if dryRun { try DryRunReport.write(run) }
  }

  /// The recipe, the published behaviour, the flags in their own right, and `--set`, which has the last word.
  private func resolve() throws -> RunOptions {
    let named: [(path: String, flag: String, value: String?)] = [
      ("data.path", "--data", data), ("model.name", "--model", model), ("out", "--out", out),
      ("model.weights", "--init", initialWeights), ("device", "--device", device),
      ("threads", "--threads", threads.map(String.init)),
    ]
    var flags = compat?.overrides ?? []
    var written: [String: String] = [:]
    for setting in compat?.settings ?? [] { written[setting.path] = "--compat \(compat?.rawValue ?? "")" }
    for (path, flag, value) in named {
      guard let value else { continue }
      flags.append("\(path)=\(Self.quoted(value))")
      written[path] = "\(flag) \(value)"
    }
    var defaults = RunOptions()
    if config == nil, let data {
      defaults.out = "runs/\(URL(fileURLWithPath: data).lastPathComponent)"
    }
    do {
      guard let config else {
        return try OptionsLoader.load(
          RunOptions.self, yaml: "", source: "command line", overrides: flags + settings, defaults: defaults)
      }
      return try OptionsLoader.load(RunOptions.self, path: config, overrides: flags + settings)
    } catch {
      throw OptionsError(source: error.source, issues: error.issues.map { Self.asWritten($0, written, flags) })
    }
  }

  /// Names the flag that the user gave, not the `--set` that it stands for.
  private static func asWritten(_ issue: OptionsIssue, _ written: [String: String], _ flags: [String]) -> OptionsIssue {
    guard case .flag(let flag) = issue.origin, flags.contains(flag), let text = written[issue.path] else {
      return issue
    }
    var issue = issue
    issue.origin = .argument(text)
    return issue
  }

  /// A YAML string, whatever is in it.
  private static func quoted(_ text: String) -> String {
    Int(text) != nil ? text : "'\(text.replacingOccurrences(of: "'", with: "''"))'"
  }

  private func report(_ end: RunEnd, out: String) throws {
    print(try RunSummaryTable(metricsFile: "\(out)/metrics.jsonl").text(), terminator: "")
    if end.best != nil { print("best checkpoint: \(out)/checkpoints/best") }
    print("metrics: \(out)/metrics.jsonl; event files: \(out)/events")
    if case .interrupted(let reason) = end.status {
      ConsoleOutput.standardError.line("stopped by \(reason), state saved; resume with --resume auto")
    }
  }
}

extension CompatPreset: ExpressibleByArgument {}
