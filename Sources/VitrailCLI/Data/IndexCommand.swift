import ArgumentParser
import Dataset
import Recipes
import Telemetry

/// `vitrail data index`
struct IndexCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index",
    abstract: "Write the index files of TFRecord shards.",
    discussion: """
      vitrail data index data/imagenet-shards

      A line 'offset size' for each record, as DALI's tfrecord2idx writes it. The index of DIR/train/NAME becomes \
      DIR/idx_files/train/NAME.idx. The checksums of all lengths are checked, those of the records are not.
      """)

  @Argument(
    help: ArgumentHelp("The folder with the shards, or with train/ and validation/.", valueName: "dir"),
    completion: .directory)
  var folder: String

  @Option(help: "Threads; by default one per available processor.")
  var workers: Int?

  @Flag(help: "Print only results and errors.")
  var quiet = false

  func validate() throws {
    if let workers, !(1...1024).contains(workers) { throw ValidationError("--workers takes 1 to 1024") }
  }

  func run() throws {
    try ExistingPath.check(folder, of: "<dir>")
    let bar = LateProgressBar("indexing", unit: .items("shards"), isQuiet: quiet)
    let result = try ShardIndexing.write(
      ArgumentPath.path(folder), numThreads: workers ?? AvailableProcessors.count
    ) {
      bar.update(to: $0, of: $1)
    }
    bar.finish()
    try StandardOutput.line(
      "\(result.numRecords) records in \(result.numWritten + result.numKept) shard(s); \(result.numWritten) index "
        + "file(s) written, \(result.numKept) were right")
  }
}
