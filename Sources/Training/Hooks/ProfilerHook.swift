// A window of steps as a trace that a browser shows: libtorch's operators, and the loop's parts around them.
import Foundation
public import Settings
public import Torch

/// Records some steps of a run, and what comes between them, as a file of trace events for chrome://tracing or
/// ui.perfetto.dev. A failure is said, and the run goes on.
public final class ProfilerHook: Hook {
  /// What can be set.
  public struct Options: Validatable, Equatable {
    /// The first step that is recorded, counted from 1 over the whole run.
    public var startStep = 10
    /// How many steps are recorded.
    public var numSteps = 5
    /// The file's name in the run directory.
    public var file = "trace.json"

    /// Steps 10 to 14.
    public init() {}

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("start_step", startStep, atLeast: 1)
      issues.check("num_steps", numSteps, in: 1...1000)
      let isName = !file.contains("/") && file.hasSuffix(".json") && file.count > 5 && !file.hasPrefix(".")
      issues.check(isName && file.utf8.count <= 200, "file", found: file, "a name without folders that ends in .json")
    }
  }

  private let options: Options
  private let path: String
  private let device: Device
  private let note: (String) -> Void
  private var isRecording = false
  private var isDone = false
  private var lastStep = 0

  /// A hook that writes into the folder of a run.
  /// - Parameters:
  ///   - device: what is recorded besides the processor.
  ///   - note: takes what the user should know: where the trace is, or why there is none.
  public init(_ options: Options, folder: String, device: Device, note: @escaping (String) -> Void) {
    self.options = options
    self.device = device
    self.note = note
    path = "\(folder)/\(options.file)"
  }

  deinit { if isRecording { try? Profiler.stop(writingTo: nil) } }

  /// Starts the record before the first step of the window, and ends it after the last.
  public func receive(_ event: TrainingEvent) throws -> LoopDecision {
    switch event {
    case .start(let start):
      if start.totalSteps < options.startStep {
        isDone = true
        note("no profile: the run has \(start.totalSteps) steps, and the profile starts at step \(options.startStep)")
      }
    // A run that goes on from within the window records what is left of it.
    case .stepStart(let step): advance(to: step - 1)
    case .end: if isRecording { finish() }
    case .step(let step):
      lastStep = step.step
      // Before what comes at the end of an epoch.
      if isRecording, step.step >= options.startStep + options.numSteps - 1 { finish() }
    case .epochStart, .evaluationStart, .evaluation, .epoch, .saved, .warning: break
    }
    return .goOn
  }

  /// Starts or ends the record when so many steps are made.
  private func advance(to step: Int) {
    let end = options.startStep + options.numSteps - 1
    if isRecording, step >= end {
      lastStep = step
      return finish()
    }
    guard !isRecording, !isDone, step >= options.startStep - 1, step < end else { return }
    do {
      try Profiler.start(on: device)
      isRecording = true
    } catch {
      isDone = true
      note("no profile: \(error)")
    }
  }

  private func finish() {
    isRecording = false
    isDone = true
    do {
      guard lastStep >= options.startStep else {
        try Profiler.stop(writingTo: nil)
        throw ProfilerError("the run ended before step \(options.startStep)")
      }
      try write()
      note("profile up to step \(lastStep): \(path); open it in ui.perfetto.dev or chrome://tracing")
    } catch {
      note("no profile: \(error)")
    }
  }

  /// Beside its place first, so that a file of that name is always whole.
  private func write() throws {
    let temporary = "\(path).\(getpid()).partial"
    defer { unlink(temporary) }
    try Profiler.stop(writingTo: temporary)
    func failure(_ what: String) -> ProfilerError { ProfilerError("\(path) cannot be written: \(what)") }
    let descriptor = open(temporary, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(String(cString: strerror(errno))) }
    defer { close(descriptor) }
    // libtorch says nothing of a disk that is full: the end of the object is missing then.
    guard Self.isClosed(descriptor) else { throw failure("it is incomplete; is the disk full?") }
    guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
      throw failure(String(cString: strerror(errno)))
    }
  }

  private static func isClosed(_ descriptor: Int32) -> Bool {
    var tail = [UInt8](repeating: 0, count: 64)
    let size = lseek(descriptor, 0, SEEK_END)
    let count = pread(descriptor, &tail, tail.count, max(0, size - off_t(tail.count)))
    return count > 0 && tail[..<count].last { !($0 == 10 || $0 == 13 || $0 == 32) } == UInt8(ascii: "}")
  }
}
