import ArgumentParser
import Foundation
import Recipes
import Settings
import Telemetry
import Torch

/// A mistake in how the tool was called that only shows after parsing.
struct UsageError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

extension VitrailCommand {
  /// Ends the process: one line for a failure, the parser's own text for help and bad usage.
  static func exit(reporting error: any Error) -> Never {
    if error is ExitCode { exit(withError: error) }
    switch code(of: error) {
    case nil:
      // The parser knows help and version requests (0) from bad usage (64, by its convention; 2 by ours).
      let status = exitCode(for: error).rawValue
      guard status != 0 else { exit(withError: error) }
      write(fullMessage(for: error))
      Foundation.exit(2)
    case let code?:
      ConsoleOutput.standardError.clear()
      write("vitrail: \(error)")
      Foundation.exit(code)
    }
  }

  /// nil for what the parser itself reports.
  private static func code(of error: any Error) -> Int32? {
    switch error {
    case is UsageError, is OptionsError, is PretrainedError: 2
    case let error as TorchError: if case .noSuchDevice = error { 2 } else { 1 }
    case is CleanExit, is ValidationError: nil
    default: isParserError(error) ? nil : 1
    }
  }

  private static func isParserError(_ error: any Error) -> Bool {
    // Parsing wraps what it throws in its own type; everything else comes from `run`.
    String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
  }

  private static func write(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
