public import ArgumentParser
import Checkpoint
import Foundation
import Launch
import Parallelism
public import Recipes
import Settings
import Telemetry
public import Torch
import Training

/// `vitrail train`
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model from a recipe or a folder of photos.",
    discussion: """
      From photos:  vitrail train --data photos --out runs/photos
      From a file:  vitrail train --config my.yaml --set training.epochs=10
      Resume:       vitrail resume runs/photos
      Fine-tune:    vitrail train --data photos --init weights.safetensors

      Photos lie in one folder for each class; without a validation/ folder a fifth of them is kept for evaluation. \
      `vitrail init` writes a recipe with every setting explained. Weights and classes of the best epoch end up in \
      OUT/checkpoints/best.

      SIGINT, SIGTERM or SIGHUP finish the step, save and exit with 130, 143 or 129; a second SIGINT stops at once, and \
      SIGHUP is left alone under nohup. A pipe that is closed (| head -1) ends no training. A run directory that exists \
      is refused without --resume. A run that resumes keeps its own settings; what --config, --set and the other options \
      say wins over them, is shown, and is kept in OUT/config.yaml.
      """)

  @OptionGroup var recipe: RecipeOptions

  @Option(
    help: ArgumentHelp(
      "Train as a published system did, defects included (docs/compat.md): tencent, colossal.", valueName: "preset"))
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
      "Resume from a run, from one of its checkpoints, or from 'auto': the run in out, anew where there is none.",
      valueName: "auto|path"),
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

  @OptionGroup var compute: TrainingRunOptions

  @OptionGroup var ranks: RankOptions

  func run() throws {
    let place = try ranks.place()
    // What a launcher starts again goes on where it was.
    let resume = resume ?? (place.map { $0.restartCount > 0 } ?? false ? "auto" : nil)
    let resumedPath = resume == "auto" ? nil : resume
    guard recipe.config != nil || data != nil || resumedPath != nil else {
      throw UsageError("train needs --data DIR or --config FILE; `vitrail init` writes a first recipe")
    }
    if let plotSchedule, !plotSchedule.hasSuffix(".svg") {
      throw UsageError("--plot-schedule draws an SVG: give it a name that ends in .svg, not '\(plotSchedule)'")
    }
    try ExistingPath.check(weights: initialWeights, of: "--init")
    try ExistingPath.check(resumedPath, of: "--resume")
    let options = try resolve(resuming: resume)
    var builder = RunBuilder(options)
    builder.note = compute.note
    builder.warn = { ConsoleOutput.standardError.warning($0) }
    if dryRun { return try describe(builder.rehearse(resuming: resume != nil, from: resumedPath)) }
    if plotSchedule != nil { return try describe(builder.plan()) }

    let signals = StopSignals()
    defer { withExtendedLifetime(signals) {} }
    builder.stopRequest = { signals.name }
    let group = try ProcessGroup.meet(place, timeout: options.parallel.timeout)
    builder.group = group
    builder.localRank = place?.localRank ?? 0
    builder.numLocalRanks = place?.localWorldSize ?? 1
    let end = try group.sharingFailure(code: Self.code(of:)) {
      let run = try resume == nil ? builder.build() : builder.resume(from: resumedPath)
      return try run.train(reportingTo: [ConsoleSink(isQuiet: compute.quiet, isVerbose: compute.verbose)])
    }
    var signal: (name: String, code: Int32)?
    if case .interrupted = end.status { signal = try group.sharedSignal(signals) }
    if group.isFirst {
      do { try report(end, stoppedBy: signal?.name, out: options.out) } catch let error as OutputError
        where signal != nil
      {
        // A terminal that is gone took the signal's sender with it: what counts is that the state is saved.
        ConsoleOutput.standardError.line("vitrail: \(error)")
      }
    }
    if let signal { throw ExitCode(signal.code) }
  }

  /// What can be said of a run without training.
  private func describe(_ run: Run) throws {
    if let plotSchedule {
      try SchedulePlot(run).write(to: plotSchedule)
      compute.note("Wrote \(plotSchedule)")
    }
    if dryRun { try DryRunReport.write(run) }
  }

  /// The settings of the run that resumes, if any, under everything that was said.
  private func resolve(resuming resume: String?) throws -> RunOptions {
    if let resume, resume != "auto" { return try load(over: RunSettings.find(resume)) }
    var defaults = RunOptions()
    if recipe.config == nil, let data { defaults.out = "runs/\(URL(fileURLWithPath: data).lastPathComponent)" }
    let options = try load(over: defaults)
    guard resume != nil else { return options }
    do {
      return try load(over: RunSettings.find(options.out))
    } catch is CheckpointError {
      return options
    }
  }

  /// The recipe, the published behaviour, the flags in their own right and `--set`, each over those before it, and all over
  /// what holds where nothing was written.
  private func load(over defaults: RunOptions) throws -> RunOptions {
    let named: [(path: String, flag: String, value: String?)] = [
      ("data.path", "--data", data), ("model.name", "--model", model), ("out", "--out", out),
      ("model.weights", "--init", initialWeights), ("device", "--device", compute.device),
      ("threads", "--threads", compute.threads.map(String.init)),
      ("matmul_backend", "--matmul-backend", compute.matmulBackend?.rawValue),
    ]
    var flags = compat?.overrides ?? []
    var written: [String: String] = [:]
    for setting in compat?.settings ?? [] { written[setting.path] = "--compat \(compat?.rawValue ?? "")" }
    for (path, flag, value) in named {
      guard let value else { continue }
      flags.append(RecipeOptions.flag(path, value))
      written[path] = "\(flag) \(value)"
    }
    do {
      return try recipe.load(flags, over: defaults)
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

  private func report(_ end: RunEnd, stoppedBy signal: String?, out: String) throws {
    if case .interrupted(let reason) = end.status {
      ConsoleOutput.standardError.line(
        "stopped by \(signal ?? reason), state saved; resume with: \(RunDirectory.resumeCommand(out))")
    }
    try StandardOutput.write(RunSummaryTable(metricsFile: "\(out)/metrics.jsonl").text())
    if end.best != nil { try StandardOutput.line("best checkpoint: \(out)/checkpoints/best") }
    try StandardOutput.line("metrics: \(out)/metrics.jsonl; event files: \(out)/events")
  }
}

extension CompatPreset: ExpressibleByArgument {}
extension MatmulBackend.Choice: ExpressibleByArgument {}
