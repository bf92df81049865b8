import ArgumentParser
import Dataset
import Telemetry

/// `vitrail data subset`
struct SubsetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "subset",
    abstract: "Write a subset of TFRecord shards: some classes, or a share of the images.",
    discussion: """
      vitrail data subset data/imagenet-shards --out data/imagenet-100 --classes 100 --shards 128,16
      vitrail data subset data/imagenet-shards --out data/imagenet-10-percent --fraction 0.1
      vitrail data subset data/shards --out data/two --class 3 --class 'salt, pepper'

      --classes with one whole number draws so many classes, with anything else it is a list of names; --class takes one \
      name as it is, with commas and digits.

      The classes that stay are numbered from 1 in their old order; everything else in the records keeps its bytes. The \
      same shards and options give the same bytes.
      """)

  @Argument(
    help: ArgumentHelp("The folder with the shards, or with train/ and validation/.", valueName: "dir"),
    completion: .directory)
  var folder: String

  @OptionGroup var shardOptions: ShardWritingOptions

  @Option(
    help: ArgumentHelp(
      "How many classes, chosen by the seed, or their names separated by commas.", valueName: "n|names"))
  var classes: String?

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("A class to keep, by its whole name; may be given again.", valueName: "name"))
  var classNames: [String] = []

  @Option(help: ArgumentHelp("The share of the images of each class, of training and validation.", valueName: "share"))
  var fraction = 1.0

  func validate() throws {
    if !(fraction > 0 && fraction <= 1) { throw ValidationError("--fraction takes a number above 0, up to 1") }
    guard let classes else { return }
    if !classNames.isEmpty { throw ValidationError("give either --classes or --class, not both") }
    if classes.split(separator: ",", omittingEmptySubsequences: false).contains("") {
      throw ValidationError("--classes takes a number, or names with commas between; --class takes a name as it is")
    }
  }

  func run() throws {
    try ExistingPath.check(folder, of: "<dir>")
    let options = try shardOptions.options()
    try shardOptions.report("writing") { progress in
      try ShardSubset.write(
        ArgumentPath.path(folder), to: ArgumentPath.path(shardOptions.out), classes: chosen, fraction: fraction,
        options: options,
        progress: progress)
    }
  }

  private var chosen: ShardSubset.Classes {
    guard let classes else { return classNames.isEmpty ? .all : .names(classNames) }
    if let count = Int(classes) { return .count(count) }
    return .names(classes.split(separator: ",").map(String.init))
  }
}
