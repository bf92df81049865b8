import ArgumentParser
import Dataset
import Recipes
import SampleData
import Telemetry

/// `vitrail data sample flowers`
struct SampleFlowersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flowers",
    abstract: "Write generated flower pictures: JPEGs of photographic size, 5 classes, as many as you like.",
    discussion: """
      vitrail data sample flowers --out data/flowers-raw --count 3670
      vitrail data split data/flowers-raw --out data/flowers

      Every picture is a function of the seed, the same on every machine: a data set for machines without a network.
      """)

  @Option(
    help: ArgumentHelp("The folder to write, DIR/CLASS/NAME.jpg; it must be new or empty.", valueName: "dir"),
    completion: .directory)
  var out: String

  @Option(help: "Number of images of all classes together.")
  var count = 1000

  @Option(help: ArgumentHelp("Width and height in pixels.", valueName: "WxH"))
  var size = "500x375"

  @Option(help: "Seed of the pictures.")
  var seed: UInt64 = 0

  @Option(help: "Threads; by default one per available processor.")
  var threads: Int?

  @Flag(help: "Print only results and errors.")
  var quiet = false

  func validate() throws {
    if let threads, !(1...4096).contains(threads) { throw ValidationError("--threads takes 1 to 4096") }
  }

  func run() throws {
    let (width, height) = try FlowersSample.size(parsing: size)
    let sample = try FlowersSample(count: count, width: width, height: height, seed: seed)
    let bar = ProgressBar("drawing", total: count, unit: .items("images"), isQuiet: quiet)
    try withStopSignals { checkStop in
      try sample.write(to: BytePath(out), threads: threads ?? AvailableProcessors.count) {
        try checkStop()
        bar.update(to: $0)
      }
    }
    bar.finish()
    var counts = [Int](repeating: 0, count: FlowersSample.classes.count)
    for index in 0..<count { counts[sample.label(at: index)] += 1 }
    try StandardOutput.write(
      ClassTable.text(classes: FlowersSample.classes, columns: ["images"], counts: [counts]))
  }
}
