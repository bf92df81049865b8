// What a thread computes, and when, as a Chrome trace: libtorch's own recorder, with spans of ours in between.
import CTorch

/// A record of the operators that a thread calls, of the backward passes that it starts and, on a GPU, of the kernels that
/// they launch; `withSpan` adds what its body is called. Started and ended by one thread, one at a time.
public enum Profiler {
  /// Starts to record.
  /// - Throws: `ProfilerError`, where this libtorch or the GPU's driver cannot record, or a record is under way.
  public static func start(on device: Device) throws {
    let status = vt_profiler_start(device.kind == .cuda)
    guard status == VT_OK else { throw ProfilerError.lastOne(status) }
  }

  /// Ends the record and writes it as a JSON file of trace events (chrome://tracing, ui.perfetto.dev), not flushed to the
  /// disk; without a path it is dropped.
  /// - Throws: `ProfilerError`.
  public static func stop(writingTo path: String?) throws {
    let status = vt_profiler_stop(path)
    guard status == VT_OK else { throw ProfilerError.lastOne(status) }
  }
}

/// A profile that could not be recorded.
public struct ProfilerError: Error, Sendable, CustomStringConvertible {
  /// What went wrong.
  public let description: String

  /// An error with its message.
  public init(_ description: String) { self.description = description }

  static func lastOne(_ status: vt_status) -> ProfilerError {
    let reason = status == VT_SKIPPED ? "an earlier failure comes first" : String(cString: vt_last_error()).firstLine
    return ProfilerError("the profile cannot be recorded: \(reason)")
  }
}

/// Runs `body` as a named span of the profile that this thread records, if it does; spans nest.
public func withSpan<Result>(_ name: StaticString, _ body: () throws -> Result) rethrows -> Result {
  var span = vt_span()
  let status = name.withUTF8Buffer { utf8 in
    utf8.withMemoryRebound(to: CChar.self) { vt_span_begin($0.baseAddress, $0.count, &span) }
  }
  // A span that cannot be recorded is no reason not to do the work.
  guard status == VT_OK, span.impl != nil else { return try body() }
  defer { vt_span_end(span) }
  return try body()
}
