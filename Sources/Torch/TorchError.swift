import CTorch
import Foundation

/// What went wrong inside libtorch, where a caller can do something about it.
public enum TorchError: Error, Sendable, CustomStringConvertible {
  /// The device has no memory left. Smaller batches, or activation checkpointing, need less.
  case outOfMemory(String)
  /// The device failed; its state can no longer be trusted.
  case deviceFailed(String)
  /// A device that this machine, or this build of libtorch, does not have.
  case noSuchDevice(String)

  /// One line: what happened and what to do.
  public var description: String {
    switch self {
    case .outOfMemory(let message):
      return "out of memory; try a smaller batch size: \(message.firstLine)"
    case .deviceFailed(let message):
      return "the device failed: \(message.firstLine)"
    case .noSuchDevice(let message):
      return message
    }
  }
}

extension String {
  /// libtorch appends hints and stack traces; the first line is the message.
  var firstLine: String { split(separator: "\n", maxSplits: 1).first.map(String.init) ?? self }
}

/// Runs `body`; an out-of-memory or device error inside makes the operators that follow do nothing, and is thrown here.
///
/// The shapes of tensors that are there can be read all the same; what was to come of an operator that did nothing has the
/// shape [], and lists of it are empty. So Swift code inside that takes a shape or a list apart has to bear that, or to ask
/// `isFailurePending`.
///
/// Operators trap on a programmer's mistake, such as a wrong shape, inside and outside of this scope.
/// - Throws: `TorchError.outOfMemory` or `TorchError.deviceFailed`, or what `body` throws.
public func recovering<Result>(_ body: () throws -> Result) throws -> Result {
  vt_recovering_begin()
  let result = Swift.Result { try body() }
  let status = vt_recovering_end()
  // An inner scope leaves the failure for the outermost one as well, so that nothing after it runs.
  guard status == VT_OK else {
    let message = String(cString: vt_last_error())
    throw status == VT_OUT_OF_MEMORY ? TorchError.outOfMemory(message) : TorchError.deviceFailed(message)
  }
  return try result.get()
}

/// Whether a failure is pending in the `recovering` scope that this thread is in: operators do nothing, what was to come of
/// them has no shape and no elements, and the scope throws at its end.
public var isFailurePending: Bool { vt_recovering_pending() }

/// Traps with `message` where tensors have other shapes than code above the operators takes. While a failure is pending
/// nothing is checked: what was to come of the operators has no shape.
public func requireShape(
  _ holds: @autoclosure () -> Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID,
  line: UInt = #line
) {
  precondition(holds() || isFailurePending, message(), file: file, line: line)
}

/// Called with the message before the process ends on a failure outside of `recovering`, so that sinks can be flushed.
nonisolated(unsafe) public var beforeFatalError: (@Sendable (String) -> Void)?

/// Checks a status of the shim. A skipped call is not an error: its scope reports the first one.
@inline(__always)
func check(_ status: vt_status) {
  if status != VT_OK { handleFailure(status) }
}

@inline(never)
private func handleFailure(_ status: vt_status) {
  guard status != VT_SKIPPED else { return }
  let message = String(cString: vt_last_error())
  beforeFatalError?(message)
  if status == VT_ERROR { fatalError(message) }
  // Not the programmer's mistake: one line instead of a crash report.
  FileHandle.standardError.write(Data("vitrail: \(message.firstLine)\n".utf8))
  exit(1)
}
