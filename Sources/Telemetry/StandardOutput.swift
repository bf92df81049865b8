// Where results go. Whatever is written leaves the process at once, and a failure is thrown: `print` keeps text back and
// says nothing when there is no room for it.

import Foundation

/// Why results did not reach standard output.
public struct OutputError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kernel's error number.
  public let code: Int32

  /// One line: what, why.
  public var description: String { "cannot write to standard output: \(String(cString: strerror(code)))" }
}

/// The standard output stream.
public enum StandardOutput {
  /// Writes a text as it is. A pipe that nobody reads any more ends the process by SIGPIPE, as every tool in a pipeline
  /// ends, unless that signal is ignored.
  /// - Throws: `OutputError`.
  public static func write(_ text: String) throws(OutputError) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress!, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
        continue
      }
      let code = count == 0 ? EIO : errno
      switch code {
      case EINTR: continue
      case EAGAIN:
        // Somebody who shares the stream made it one that does not wait.
        var waiting = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        poll(&waiting, 1, -1)
      default: throw OutputError(code: code)
      }
    }
  }

  /// Writes a text and a line end.
  /// - Throws: `OutputError`.
  public static func line(_ text: String) throws(OutputError) { try write(text + "\n") }

  /// Takes the numbers of standard streams that were closed when the process began, so that no file is opened under
  /// them and then written into as if it were one. Writing to such a stream goes on to fail. To be called first of all.
  public static func reserveClosedStreams() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
    where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
      // The lowest number that is free is this one.
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }
}
