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

  @OptionGroup var changes: SettingOptions

  @Flag(help: "Check the settings and the checkpoint, load one batch, take one forward pass, and write nothing.")
  var dryRun = false

  @OptionGroup var compute: TrainingRunOptions

  @OptionGroup var ranks: RankOptions

  func run() throws {
    var train = try TrainCommand.parse(["--resume=\(path)"])
    train.recipe.changes = changes
    train.dryRun = dryRun
    train.compute = compute
    train.ranks = ranks
    try train.run()
  }
}
