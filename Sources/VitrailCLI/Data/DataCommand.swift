import ArgumentParser

/// `vitrail data`
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Write sample data, download known sets; split and check folders of images.",
    subcommands: [SampleCommand.self, DownloadCommand.self, SplitCommand.self, ScanCommand.self])
}

/// `vitrail data sample`
struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Write a sample data set as a folder of images, one folder per class.",
    subcommands: [SampleDigitsCommand.self, SampleFlowersCommand.self])
}
