import ArgumentParser
import Dataset
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

  @OptionGroup var work: FileWorkOptions

  func run() throws {
    try ExistingPath.check(folder, of: "<dir>")
    let bar = LateProgressBar("indexing", unit: .items("shards"), isQuiet: work.quiet)
    let result = try ShardIndexing.write(
      ArgumentPath.path(folder), numThreads: work.numThreads
    ) {
      bar.update(to: $0, of: $1)
    }
    bar.finish()
    try StandardOutput.line(
      "\(result.numRecords) records in \(result.numWritten + result.numKept) shard(s); \(result.numWritten) index "
        + "file(s) written, \(result.numKept) were right")
  }
}
