import ArgumentParser
import Dataset
import SampleData
import Telemetry

/// `vitrail data sample digits`
struct SampleDigitsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "digits",
    abstract: "Write the embedded handwritten digits: 1,797 real images of 10 classes.",
    discussion: """
      vitrail data sample digits --out data/digits-raw
      vitrail data split data/digits-raw --out data/digits

      The optical-digits set of E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998, CC BY 4.0. Each image \
      is a grey PNG of \(DigitsSample.writtenSide)x\(DigitsSample.writtenSide) pixels.
      """)

  @Option(
    help: ArgumentHelp("The folder to write, DIR/CLASS/NUMBER.png; it must be new or empty.", valueName: "dir"),
    completion: .directory)
  var out: String

  @Flag(help: "Print only results and errors.")
  var quiet = false

  func run() throws {
    try withStopSignals { checkStop in try DigitsSample.write(to: BytePath(out)) { _ in try checkStop() } }
    if !quiet { ConsoleOutput.standardError.line("Wrote \(DigitsSample.count) images into \(printable(out))") }
    var counts = [Int](repeating: 0, count: 10)
    for index in 0..<DigitsSample.count { counts[DigitsSample.digit(at: index).label] += 1 }
    try StandardOutput.write(
      ClassTable.text(classes: (0..<10).map(String.init), columns: ["images"], counts: [counts]))
  }
}
