import ArgumentParser

/// The command `vitrail`.
@main
struct VitrailCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vitrail",
    abstract: "Train, evaluate and use Vision Transformers.",
    discussion: """
      Results go to standard output, everything else to standard error. Exit codes: 0; 1 for a failed run; 2 for bad \
      usage or settings; 130 and 143 for a run that SIGINT or SIGTERM stopped, with its state saved.

      Start: vitrail data sample digits --out data/digits && vitrail train --data data/digits --out runs/first
      Completions: vitrail --generate-completion-script bash (or zsh, fish); `make install` puts them in place.
      """,
    version: Version.current,
    subcommands: [
      InitCommand.self, TrainCommand.self, EvaluateCommand.self, PredictCommand.self, DataCommand.self,
      ModelsCommand.self, BenchCommand.self, DoctorCommand.self,
    ])

  static func main() {
    // One place decides what an error looks like and which exit code it has.
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      exit(reporting: error)
    }
  }
}
