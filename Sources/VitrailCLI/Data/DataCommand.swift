import ArgumentParser

/// `vitrail data`
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Download and generate data sets; split, check, pack and preview images.",
    subcommands: [
      SampleCommand.self, DownloadCommand.self, SplitCommand.self, ScanCommand.self, PackCommand.self,
      IndexCommand.self,
      SubsetCommand.self, PreviewCommand.self, ApplyCommand.self,
    ])
}

/// `vitrail data sample`
struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Write a sample data set as a folder of images, one folder per class.",
    subcommands: [SampleDigitsCommand.self, SampleFlowersCommand.self])
}
