import ArgumentParser
import Dataset
import Recipes
import Telemetry

/// What the commands that write shards have in common.
struct ShardWritingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The folder to write; new, empty, or one that was interrupted.", valueName: "dir"),
    completion: .directory)
  var out: String

  @Option(
    help: ArgumentHelp("auto (about 150 MB each), or how many for training and validation.", valueName: "auto|n,m"))
  var shards = "auto"

  @Option(help: "Threads; by default one per available processor.")
  var workers: Int?

  @Option(help: "Seed of the order of the training images.")
  var seed: UInt64 = 0

  @Flag(help: "Print only results and errors.")
  var quiet = false

  func validate() throws {
    if let workers, !(1...1024).contains(workers) { throw ValidationError("--workers takes 1 to 1024") }
  }

  func options() throws -> ShardOptions {
    var options = ShardOptions()
    options.shards = try ShardCount(parsing: shards)
    options.numThreads = workers ?? AvailableProcessors.count
    options.seed = seed
    return options
  }

  /// Does the work with a bar, and tells what came of it.
  func report(_ title: String, _ work: (@escaping @Sendable (Int, Int) -> Void) throws -> ShardResult) throws {
    let bar = LateProgressBar(title, unit: .items("images"), isQuiet: quiet)
    let result = try work { bar.update(to: $0, of: $1) }
    bar.finish()
    let console = ConsoleOutput.standardError
    let manifest = result.manifest
    for skipped in manifest.skipped { console.warning("\(skipped.path) is left out: \(skipped.reason)") }
    if !quiet {
      for note in result.notes { console.line(note) }
      if result.numKept > 0 { console.line("\(result.numKept) shard(s) were complete already") }
      let numReencoded = manifest.parts.reduce(0) { $0 + $1.reencoded }
      if numReencoded > 0 { console.line("\(numReencoded) image(s) were re-encoded as JPEG") }
      for part in manifest.parts {
        console.line(
          "\(part.name): \(part.samples) images in \(part.shards.count) shard(s), \(part.bytes / 1_000_000) MB")
      }
    }
    try StandardOutput.write(
      ClassTable.text(
        classes: manifest.classes, columns: manifest.parts.map(\.name), counts: manifest.parts.map(\.classCounts)))
  }
}
