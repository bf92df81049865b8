import ArgumentParser

/// `vitrail resume`: `train --resume RUN` under a name of its own.
struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Resume a run with its own settings.",
    discussion: """
      vitrail resume runs/photos
      vitrail resume runs/photos --set training.epochs=20

      RUN is a run directory, whose newest whole checkpoint is taken, or one of its checkpoints: then the newer ones are \
      removed. The settings are those of RUN/config.yaml. What --set changes is shown; the settings of earlier starts \
      stay in RUN/config-0001.yaml and so on.
      """)

  @Argument(
    help: ArgumentHelp("A run directory or a checkpoint in one.", valueName: "run"), completion: .directory)
  var path: String

  @Option(
    name: .customLong("set"), help: ArgumentHelp("Change one setting, such as training.epochs=20.", valueName: "a.b=c"))
  var settings: [String] = []

  @Flag(help: "Check the settings and the checkpoint, load one batch, take one forward pass, and write nothing.")
  var dryRun = false

  @Option(help: "cpu, cuda, cuda:N or auto, in place of device.")
  var device: String?

  @Option(help: "Threads of one operator, in place of threads.")
  var threads: Int?

  @Flag(help: "Say only what went wrong, and the results.")
  var quiet = false

  @Flag(help: "Show speed, step times and memory of each epoch.")
  var verbose = false

  func run() throws {
    let options = [("resume", path), ("device", device), ("threads", threads.map(String.init))]
    let flags = [("dry-run", dryRun), ("quiet", quiet), ("verbose", verbose)]
    try TrainCommand.parse(
      options.compactMap { name, value in value.map { "--\(name)=\($0)" } } + settings.map { "--set=\($0)" }
        + flags.filter(\.1).map { "--\($0.0)" }
    ).run()
  }
}
