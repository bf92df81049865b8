import Foundation

/// A child in a process group of its own. Whoever started it asks for its end.
final class ChildProcess {
  /// Reads one line before it becomes the program, so that the guard knows of it before it runs. Where the launcher
  /// dies first, the line never comes.
  private static let gate = #"read -r go <&3 || exit 125; exec 3<&-; exec "$@""#

  let pid: pid_t
  private let orphans: OrphanGuard
  private(set) var end: ProcessEnd?

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - words: The program, by its path, and its arguments.
  ///   - input: What it reads; nothing where nil.
  ///   - output: Where standard output goes. The caller closes its descriptors.
  ///   - errors: Where standard error goes.
  init(
    _ words: [String], environment: [String: String], input: Int32? = nil, output: Int32, errors: Int32,
    orphans: OrphanGuard
  ) throws(LaunchError) {
    let gate = try PipeEnds()
    defer { gate.close() }
    var descriptors = [
      (source: output, target: Int32(1)), (source: errors, target: 2), (source: gate.reading, target: 3),
    ]
    if let input { descriptors.insert((source: input, target: 0), at: 0) }
    pid = try Spawn.start(
      ["/bin/sh", "-c", Self.gate, "vitrail-launch"] + words, environment: environment, descriptors: descriptors)
    self.orphans = orphans
    orphans.watch(pid)
    _ = PipeEnds.write([UInt8(ascii: "\n")], to: gate.writing)
  }

  /// Sends a signal to the process and to all that it started in its group.
  func signal(_ number: Int32) {
    if end == nil { kill(-pid, number) }
  }

  /// Its end, once; nil while it runs and from then on. What it left in its group is killed.
  func takeEnd() -> ProcessEnd? {
    guard end == nil else { return nil }
    var info = siginfo_t()
    guard waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0, info.si_signo == SIGCHLD else {
      return nil
    }
    // Until it is waited for, no other process can have its number.
    kill(-pid, SIGKILL)
    orphans.forget(pid)
    var status: Int32 = 0
    while waitpid(pid, &status, 0) == -1, errno == EINTR {}
    let signal = status & 0x7f
    let found: ProcessEnd = signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal)
    end = found
    return found
  }
}

/// A pipe that no child inherits by itself.
struct PipeEnds {
  let reading: Int32
  let writing: Int32
  var both: (reading: Int32, writing: Int32) { (reading, writing) }

  init() throws(LaunchError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw .failed(
        "cannot make a pipe: \(String(cString: strerror(errno))); raise the limit on open files (ulimit -n)")
    }
    // Only one thread starts processes, and it is the one that makes pipes.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reading, writing) = (ends[0], ends[1])
  }

  func close() {
    Foundation.close(reading)
    Foundation.close(writing)
  }

  /// Writes all; false where nobody reads.
  static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}

/// `posix_spawn`.
enum Spawn {
  /// Starts a program in a process group of its own, with no signal blocked and none ignored but a SIGHUP that was
  /// ignored before (nohup).
  static func start(
    _ words: [String], environment: [String: String], descriptors: [(source: Int32, target: Int32)]
  ) throws(LaunchError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for target in 0..<Int32(3) where !descriptors.contains(where: { $0.target == target }) {
      posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
    }
    // Sources are above 2; 3, which may be one, is overwritten last.
    for (source, target) in descriptors { posix_spawn_file_actions_adddup2(&actions, source, target) }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var reset = sigset_t()
    sigemptyset(&reset)
    for signal in [SIGINT, SIGTERM, SIGPIPE, SIGQUIT, SIGCHLD] { sigaddset(&reset, signal) }
    if !SignalWatch.hangupWasIgnored { sigaddset(&reset, SIGHUP) }
    posix_spawnattr_setsigdefault(&attributes, &reset)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var arguments = words.map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, words[0], &actions, &attributes, &arguments, &variables)
    guard code == 0 else { throw .failed("cannot start '\(words[0])': \(String(cString: strerror(code)))") }
    return pid
  }
}
