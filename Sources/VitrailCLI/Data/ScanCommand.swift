import ArgumentParser
import Dataset
import Foundation
import Synchronization
import Telemetry

/// `vitrail data scan`
struct ScanCommand: ParsableCommand {
  enum Fix: String, ExpressibleByArgument, CaseIterable { case quarantine, restore }

  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Decode every image of a data set, and report problems.",
    discussion: """
      vitrail data scan photos
      vitrail data scan photos --json report.json
      vitrail data scan photos --fix quarantine
      vitrail data scan photos --fix restore

      Faults harm training: images that cannot be decoded, the same image in two classes or in several splits, \
      classes without images. Notes are worth knowing. The exit code is 0 without faults and 3 with some.

      `--fix quarantine` moves what cannot be decoded to DIR/.quarantine/files, which no command reads, and \
      `--fix restore` moves it all back. Nothing is deleted or replaced.
      """)

  @Argument(
    help: ArgumentHelp("The folder with CLASS/..., or with train/CLASS/... and validation/CLASS/...", valueName: "dir"),
    completion: .directory)
  var folder: String

  @Option(help: "Move unusable images away, or move everything back.")
  var fix: Fix?

  @Flag(
    help:
      "With --fix quarantine, also move images in two classes (all copies) or in several splits (the copies in train).")
  var duplicates = false

  @Option(help: ArgumentHelp("Also write the full report to this JSON file.", valueName: "file"), completion: .file())
  var json: String?

  @Option(help: ArgumentHelp("The largest image that is decoded; give a run's data.maximum_pixels.", valueName: "n"))
  var maximumPixels = DatasetScan.Options().maxPixels

  @OptionGroup var work: FileWorkOptions

  func validate() throws {
    if !ImageDecoder.pixelLimits.contains(maximumPixels) {
      throw ValidationError("--maximum-pixels takes 1 to \(ImageDecoder.pixelLimits.upperBound)")
    }
    if duplicates, fix != .quarantine { throw ValidationError("--duplicates belongs to --fix quarantine") }
    if json != nil, fix == .restore { throw ValidationError("--fix restore looks at no image and has no report") }
  }

  func run() throws {
    try ExistingPath.check(folder, of: "data scan")
    let root = try ArgumentPath.path(folder)
    if fix == .restore { return try restore(root) }
    var scan = try makeScan(of: root)
    try StandardOutput.write(ScanText.text(scan))
    if fix == .quarantine {
      let (rest, outcome) = try scan.quarantine(duplicates ? .unusableAndDuplicates : .unusable)
      scan = rest
      try StandardOutput.write("\n" + ScanText.quarantined(outcome, of: folder, rest: rest))
    }
    if let json { try scan.writeJSON(to: ArgumentPath.path(json)) }
    if scan.hasFaults { throw ExitCode.foundFaults }
  }

  private func makeScan(of root: BytePath) throws -> DatasetScan {
    var options = DatasetScan.Options()
    options.numThreads = work.numThreads
    options.maxPixels = maximumPixels
    let bar = Mutex<ProgressBar?>(nil)
    let quiet = work.quiet
    let scan = try DatasetScan(
      folder: root, options: options,
      willStart: { count in
        bar.withLock { $0 = ProgressBar("scanning", total: count, unit: .items("images"), isQuiet: quiet) }
      }, progress: { bar.withLock { $0 }?.advance() })
    bar.withLock { $0 }?.finish()
    return scan
  }

  private func restore(_ root: BytePath) throws {
    let outcome = try Quarantine(of: root).restore()
    try StandardOutput.write(ScanText.restored(outcome, to: folder))
    if !outcome.left.isEmpty { throw ExitCode.foundFaults }
  }
}
