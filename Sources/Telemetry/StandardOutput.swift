// Where results go. Whatever is written leaves the process at once, and a failure is thrown: `print` keeps text back and
// says nothing when there is no room for it.

import Files
import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Why results did not reach standard output.
public struct OutputError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kernel's error number.
  public let code: Int32

  /// One line: what, why.
  public var description: String { "cannot write to standard output: \(Errno(rawValue: code))" }
}

/// The standard output stream.
public enum StandardOutput {
  /// Writes a text as it is. A pipe that nobody reads any more ends the process by SIGPIPE, as every tool in a pipeline
  /// ends, unless that signal is ignored.
  /// - Throws: `OutputError`.
  public static func write(_ text: String) throws(OutputError) {
    let bytes = Array(text.utf8)
    do throws(Errno) {
      try bytes.withUnsafeBufferPointer { bytes throws(Errno) in
        try FileDescriptor.standardOutput.writeWhole(UnsafeRawBufferPointer(bytes))
      }
    } catch {
      throw OutputError(code: error.rawValue)
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
