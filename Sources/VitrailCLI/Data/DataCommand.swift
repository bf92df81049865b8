import ArgumentParser

/// `vitrail data`
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Write sample data; split and check folders of images; change images.",
    subcommands: [SampleCommand.self, SplitCommand.self, ScanCommand.self, ApplyCommand.self])
}

/// `vitrail data sample`
struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Write a sample data set as a folder of images, one folder per class.",
    subcommands: [SampleDigitsCommand.self, SampleFlowersCommand.self])
}
