import ArgumentParser
import Settings
import Telemetry
import Torch

/// The command `vitrail`.
@main
struct VitrailCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vitrail",
    abstract: "Train, evaluate and use Vision Transformers.",
    discussion: """
      A first model:
        vitrail data sample digits --out data/digits
        vitrail train --data data/digits --set model.image_size=32 --out runs/first
        vitrail predict --checkpoint runs/first data/digits/7

      Results go to standard output, everything else to standard error. Exit codes: 0; 1 for a failed run; 2 for bad \
      usage or settings; 3 for a scan that found faults; 130, 143 and 129 for a run that SIGINT, SIGTERM or SIGHUP \
      stopped, with its state saved.

      Completions: vitrail --generate-completion-script bash (or zsh, or fish). `make install` puts them in place.
      """,
    version: Version.current,
    subcommands: [
      InitCommand.self, TrainCommand.self, ResumeCommand.self, EvaluateCommand.self, PredictCommand.self,
      ConvertCommand.self, LaunchCommand.self, DataCommand.self, ModelsCommand.self, PlanCommand.self,
      BenchCommand.self, DoctorCommand.self,
    ])

  static func main() {
    StandardOutput.reserveClosedStreams()
    // One place decides what an error looks like and which exit code it has.
    announceFatalErrors(of: CommandLine.arguments.dropFirst().first ?? "")
    do {
      try checkCommandName(CommandLine.arguments.dropFirst().first)
      var command = try parseAsRoot()
      try command.run()
    } catch {
      exit(reporting: error)
    }
  }

  /// Where the tensor engine ends the process, the progress line is closed first, and the command is named.
  static func announceFatalErrors(of command: String) {
    beforeFatalError = { _ in
      ConsoleOutput.standardError.line("vitrail \(printable(command)): the tensor engine failed")
    }
  }

  /// The parser refuses an unknown command without saying which one is near.
  private static func checkCommandName(_ name: String?) throws {
    let known = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    guard let name, !name.hasPrefix("-"), !known.contains(name) else { return }
    let near = nearestName(to: name, in: known).map { "; did you mean '\($0)'?" } ?? "; `vitrail --help` lists all"
    throw UsageError("there is no command '\(printable(name))'\(near)")
  }
}
