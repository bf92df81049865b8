import ArgumentParser
import Recipes
import Settings
import Telemetry
import Torch

/// Changes to single settings.
struct SettingOptions: ParsableArguments {
  @Option(
    name: .customLong("set"), help: ArgumentHelp("Change one setting, such as training.lr=3e-4.", valueName: "a.b=c"))
  var settings: [String] = []
}

/// A recipe, and changes to it.
struct RecipeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The recipe, a YAML file.", valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @OptionGroup var changes: SettingOptions

  /// The recipe, `flags` as if they were written `--set`, and `--set`, which has the last word, over what holds where
  /// nothing was written.
  func load(_ flags: [String], over defaults: RunOptions = RunOptions()) throws(OptionsError) -> RunOptions {
    let flags = flags + changes.settings
    guard let config else {
      return try OptionsLoader.load(
        RunOptions.self, yaml: "", source: "command line", overrides: flags, defaults: defaults)
    }
    return try OptionsLoader.load(RunOptions.self, path: config, overrides: flags, defaults: defaults)
  }

  /// `path=value` for a value that is a YAML string, whatever is in it.
  static func flag(_ path: String, _ value: String) -> String {
    "\(path)=\(Int(value) != nil ? value : "'\(value.replacing("'", with: "''"))'")"
  }
}

/// How a training computes and what it says; what is left out is as in the settings.
struct TrainingRunOptions: ParsableArguments {
  @Option(help: "cpu, cuda, cuda:N or auto; sets device.")
  var device: String?

  @Option(help: "CPU threads per operator; sets threads.")
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Library of float32 matrix products: auto, native, onednn or fastest; sets matmul_backend.", valueName: "name"))
  var matmulBackend: MatmulBackend.Choice?

  @Flag(help: "Print only results and errors.")
  var quiet = false

  @Flag(help: "Show speed, step times and memory of each epoch.")
  var verbose = false

  /// Writes a line for the user, unless it should be quiet.
  func note(_ line: String) {
    if !quiet { ConsoleOutput.standardError.line(line) }
  }
}
