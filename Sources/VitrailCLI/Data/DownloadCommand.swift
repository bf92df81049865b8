import ArgumentParser
import Dataset
import Download
import Foundation
import Telemetry
import Training

/// `vitrail data download`
struct DownloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "download",
    abstract: "Download a known set of images and unpack it.",
    discussion: """
      vitrail data download flowers --out data/flowers-raw
      vitrail data download cifar10 --url cifar-10-binary.tar.gz

      flowers: \(Self.summary("flowers"))
      cifar10: \(Self.summary("cifar10"))

      The folder appears as a whole or not at all. An interrupted download keeps what has arrived in DIR.part, and the \
      same command resumes it. The environment variables http_proxy, https_proxy, all_proxy and no_proxy are used.
      """)

  @Argument(help: ArgumentHelp("flowers or cifar10.", valueName: "set"))
  var name: String

  @Option(
    help: ArgumentHelp("Where the .tar.gz lies instead: an http or https address, or a file.", valueName: "url"),
    completion: .file())
  var url: String?

  @Option(
    help: ArgumentHelp("The folder to write, new or empty; data/SET if left out.", valueName: "dir"),
    completion: .directory)
  var out: String?

  @Option(
    help: ArgumentHelp(
      "sha256:HEX that the archive must have, or none to take any; by default that of the known set.",
      valueName: "sum"))
  var checksum: String?

  @Option(help: ArgumentHelp("Refuse an archive of more megabytes, where its size is not known.", valueName: "mb"))
  var maxSize = 4000

  @Flag(help: "Print only results and errors.")
  var quiet = false

  func validate() throws {
    if KnownDataset.named(name) == nil {
      let known = KnownDataset.all.map(\.name).joined(separator: " and ")
      throw ValidationError("there is no set '\(printable(name))'; the known ones are \(known)")
    }
    if !(1...10_000_000).contains(maxSize) { throw ValidationError("--max-size takes 1 to 10000000") }
  }

  func run() throws {
    guard let set = KnownDataset.named(name) else { preconditionFailure("validate() lets no other name through") }
    let out = out ?? "data/\(name)"
    let source = try DownloadSource(parsing: url ?? set.url)
    let signals = StopSignals()
    let progress = DownloadProgress(title: URL(fileURLWithPath: source.name).lastPathComponent, isQuiet: quiet)
    var options = DownloadOptions()
    options.userAgent = "vitrail/\(Version.current)"
    let downloader = Downloader(options: options, shouldStop: { signals.current != nil }, report: progress.receive)
    let expected = try expectation(set)
    let download = DatasetDownload(
      from: source, expecting: expected, contents: set.contents, downloader: downloader,
      progress: progress.step)
    do { try download.run(to: BytePath(out)) } catch let error as DownloadError where error.isStop {
      ConsoleOutput.standardError.line("\(error)")
      throw ExitCode(signals.exitCode ?? 1)
    }
    progress.finish()
    if !quiet, expected.checksum == set.checksum {
      ConsoleOutput.standardError.line("\(set.name): \(set.summary), in \(printable(out)); \(set.terms)")
    }
    try Self.count(BytePath(out))
  }

  /// What the archive must be: the known one, unless the user says something else.
  private func expectation(_ set: KnownDataset) throws -> DownloadExpectation {
    let known = DownloadExpectation(size: set.size, checksum: set.checksum, maximumSize: set.size)
    guard let checksum else { return known }
    let wanted = checksum == "none" ? nil : try Checksum(parsing: checksum)
    return wanted == set.checksum ? known : DownloadExpectation(checksum: wanted, maximumSize: maxSize * 1_000_000)
  }

  /// Prints how many images each class has.
  private static func count(_ folder: BytePath) throws {
    let layout = try ImageFolderLayout.find(folder)
    let train = try ImageFolder(root: layout.requireTrain())
    let columns = layout.hasSplits ? layout.splits.map(\.rawValue) : ["images"]
    let counts = try layout.splits.compactMap { layout[$0] }.map {
      try ImageFolder(root: $0, classes: train.classes).numSamplesPerClass
    }
    try StandardOutput.write(ClassTable.text(classes: train.classes, columns: columns, counts: counts))
  }

  private static func summary(_ name: String) -> String { KnownDataset.named(name)?.summary ?? "" }
}
