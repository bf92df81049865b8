import ArgumentParser

/// `vitrail data`
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Get sample data and known sets; split, check and look at folders of images.",
    subcommands: [
      SampleCommand.self, DownloadCommand.self, SplitCommand.self, ScanCommand.self, PreviewCommand.self,
    ])
}

/// `vitrail data sample`
struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Write a sample data set as a folder of images, one folder per class.",
    subcommands: [SampleDigitsCommand.self, SampleFlowersCommand.self])
}
