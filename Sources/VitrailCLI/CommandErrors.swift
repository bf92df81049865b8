import ArgumentParser
import Training

/// A mistake in how the tool was called that only shows after parsing.
struct UsageError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A command that was called rightly and could not do its work.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A command that a signal ended, and that took back what it had begun.
struct StoppedBySignal: Error, CustomStringConvertible {
  let name: String
  let code: Int32
  var description: String { "stopped by \(name); nothing was written" }
}

/// Runs the work of a command that leaves either its whole output or nothing. `checkStop` is to be called often, and
/// throws when SIGINT, SIGTERM or SIGHUP came.
func withStopSignals<Result>(
  _ work: (_ checkStop: @escaping @Sendable () throws -> Void) throws -> Result
) rethrows -> Result {
  let signals = StopSignals()
  return try work {
    if let name = signals.name, let code = signals.exitCode { throw StoppedBySignal(name: name, code: code) }
  }
}

extension ExitCode {
  /// A check did its work and found faults.
  static let foundFaults = ExitCode(3)
}
