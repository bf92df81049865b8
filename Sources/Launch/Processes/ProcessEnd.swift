import Foundation

/// How a process ended.
enum ProcessEnd: Equatable, Sendable, Codable, CustomStringConvertible {
  case exited(Int32)
  case killed(Int32)

  /// The code that shells give: 128 and the signal's number where a signal ended it.
  var exitCode: Int32 {
    switch self {
    case .exited(let code): code
    case .killed(let signal): 128 + signal
    }
  }

  /// Whether this is how a process leaves that was told to stop by SIGINT, SIGTERM or SIGHUP.
  var isByStopSignal: Bool { [SIGINT, SIGTERM, SIGHUP].contains(exitCode - 128) }

  /// `exited with code 3`, `was killed by SIGKILL`.
  var description: String {
    switch self {
    case .exited(let code): "exited with code \(code)"
    case .killed(let signal): "was killed by \(Self.name(of: signal))"
    }
  }

  static func name(of signal: Int32) -> String {
    let names = [
      SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP", SIGABRT: "SIGABRT",
      SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL", SIGUSR1: "SIGUSR1", SIGSEGV: "SIGSEGV",
      SIGUSR2: "SIGUSR2", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM", SIGXCPU: "SIGXCPU",
      SIGSYS: "SIGSYS",
    ]
    return names[signal] ?? "signal \(signal)"
  }
}
