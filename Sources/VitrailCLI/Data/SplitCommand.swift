public import ArgumentParser
public import Dataset
import Telemetry

/// `vitrail data split`
struct SplitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Split a folder of class folders into train/ and validation/.",
    discussion: """
      vitrail data split photos --out data/photos --ratio 4:1

      RAW/CLASS/... becomes DIR/train/CLASS/... and DIR/validation/CLASS/..., each class by the ratio. The same files \
      and seed give the same split on every machine. The images in RAW stay as they are. RAW/train/CLASS/... is split \
      as well where there is no validation/; RAW/test/CLASS/... is not, and becomes DIR/test/CLASS/...
      """)

  @Argument(
    help: ArgumentHelp("The folder that holds one folder of images per class.", valueName: "raw"),
    completion: .directory)
  var raw: String

  @Option(help: ArgumentHelp("The folder to write; it must be new or empty.", valueName: "dir"), completion: .directory)
  var out: String

  @Option(help: ArgumentHelp("Ratio of training to validation images.", valueName: "n:m"))
  var ratio = "4:1"

  @Option(help: "Seed of the split.")
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "'exact', or 'inclusive': the first files by name, and one more than the ratio says (docs/compat.md).",
      valueName: "rule"))
  var rule = SplitRule.exact

  @Flag(help: "Hard-link the files instead of copying them; both folders must be on one file system.")
  var hardLink = false

  @Flag(help: "Print only results and errors.")
  var quiet = false

  func run() throws {
    let ratio = try SplitRatio(parsing: ratio)
    var bar: ProgressBar?
    let split = try withStopSignals { checkStop in
      try Split.write(
        ArgumentPath.path(raw), to: ArgumentPath.path(out), ratio: ratio, seed: seed, rule: rule,
        placement: hardLink ? .hardLink : .copy
      ) { numDone, numImages in
        try checkStop()
        if bar == nil { bar = ProgressBar("splitting", total: numImages, unit: .items("images"), isQuiet: quiet) }
        bar?.update(to: numDone)
      }
    }
    bar?.finish()
    var table = [("train", split.counts.map(\.numTrain)), ("validation", split.counts.map(\.numValidation))]
    if let test = split.testCounts { table.append(("test", test)) }
    try StandardOutput.write(
      ClassTable.text(classes: split.counts.map(\.name), columns: table.map(\.0), counts: table.map(\.1)))
  }
}

extension SplitRule: ExpressibleByArgument {}
