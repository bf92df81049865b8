import ArgumentParser
import Foundation
import Launch
import Settings
import Telemetry

/// `vitrail doctor`
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check this machine: what is there, what is missing and how to get it.",
    discussion: """
      Computes a product and a gradient, decodes an image of each kind, and measures the speed of \
      each matmul backend. Exits with 0 if training can work, and with 1 if not; `note` marks what is optional. Please include its \
      output in every bug report.
      """)

  @Option(help: "Output format.")
  var format = OutputFormat.text

  @Flag(help: "Only say which rank this process is, by the variables of whoever started it.")
  var place = false

  func run() throws {
    if place { return try StandardOutput.line(LaunchEnvironment.current()?.summary ?? "a process alone") }
    let checks = SystemChecks.all() + EngineChecks.all() + CodecChecks.all()
    let canTrain = Self.canTrain(checks)
    switch format {
    case .json:
      let report = OptionsValue.mapping([
        .init("can_train", .bool(canTrain)), .init("checks", .list(checks.map(\.value))),
      ])
      try StandardOutput.write(report.json)
    case .text:
      let environment = ProcessInfo.processInfo.environment
      let usesColor =
        isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb" && (environment["NO_COLOR"] ?? "").isEmpty
      for check in checks { try StandardOutput.line(check.text(usesColor: usesColor)) }
      try StandardOutput.line(canTrain ? "\nTraining can work here." : "\nTraining cannot work here; see FAILED.")
    }
    if !canTrain { throw ExitCode(1) }
  }

  static func canTrain(_ checks: [DoctorCheck]) -> Bool { checks.allSatisfy { $0.status != .failed } }
}
