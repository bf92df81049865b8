import Foundation
import Synchronization

/// Launchers on other hosts, each at the other end of an ssh, and each on a leash: its standard input, which ends with
/// the connection.
final class RemoteLaunchers {
  private struct Remote {
    let host: String
    let process: ChildProcess
    let leash: Int32
    let sinks: [RemoteSink]
  }

  private let pump: OutputPump
  private var remotes: [Remote] = []

  /// Starts one for each host but the one at `local`.
  init(
    _ hosts: [HostFile.Host], local: Int, _ options: LaunchOptions, at address: RendezvousAddress, jobID: String,
    environment: [String: String], console: LaunchConsole, pump: OutputPump, orphans: OrphanGuard
  ) throws(LaunchError) {
    self.pump = pump
    let ssh = (environment["VITRAIL_SSH"] ?? "ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=5")
      .split(separator: " ").map(String.init)
    guard let program = ssh.first else { throw .usage("VITRAIL_SSH is empty: set it to a command or unset it") }
    let command = program.contains("/") ? ssh : ["/usr/bin/env"] + ssh
    let numbers = [local] + hosts.indices.filter { $0 != local }
    for (nodeRank, number) in numbers.enumerated().dropFirst() {
      let host = hosts[number]
      let words =
        [
          options.executable, "launch", "--nproc-per-node", "\(host.slots ?? options.numRanks)", "--nnodes",
          "\(hosts.count)", "--node-rank", "\(nodeRank)", "--rendezvous", "\(address)", "--job-id", jobID,
        ] + options.remoteArguments
      let sinks = [RemoteSink(console, host.name, isError: false), RemoteSink(console, host.name, isError: true)]
      let (input, output, errors) = try (PipeEnds(), PipeEnds(), PipeEnds())
      pump.add(output.reading, sinks[0])
      pump.add(errors.reading, sinks[1])
      defer { for end in [input.reading, output.writing, errors.writing] { close(end) } }
      let process = try ChildProcess(
        command + [host.name, Self.script(words, environment)], environment: environment, input: input.reading,
        output: output.writing, errors: errors.writing, orphans: orphans)
      remotes.append(Remote(host: host.name, process: process, leash: input.writing, sinks: sinks))
    }
  }

  /// A host whose ssh failed, with why; nil while all is well.
  func takeFailure() -> String? {
    for remote in remotes {
      guard let end = remote.process.takeEnd(), end != .exited(0) else { continue }
      pump.wait(for: remote.sinks, silence: 0.5)
      let words = remote.sinks[1].lastLine.map { ": \($0)" } ?? ""
      return "the launcher on \(remote.host) \(end)\(words)"
    }
    return nil
  }

  /// Lets all go, and waits until they are gone; kills what is left after some seconds.
  func end(patience: Double) {
    for remote in remotes { close(remote.leash) }
    let deadline = MonotonicClock.seconds + patience
    while remotes.contains(where: { $0.process.end == nil }) {
      for remote in remotes { _ = remote.process.takeEnd() }
      if MonotonicClock.seconds > deadline { for remote in remotes { remote.process.signal(SIGKILL) } }
      usleep(10_000)
    }
    pump.wait(for: remotes.flatMap(\.sinks), silence: 0.5)
    remotes = []
  }

  /// What a remote shell is given: the same folder, the variables of the libraries that ranks talk with, the launcher.
  private static func script(_ words: [String], _ environment: [String: String]) -> String {
    func quoted(_ text: String) -> String { "'" + text.replacingOccurrences(of: "'", with: #"'\''"#) + "'" }
    let prefixes = ["VITRAIL_", "NCCL_", "GLOO_", "OMP_"]
    let variables = environment.filter { name, _ in
      prefixes.contains { name.hasPrefix($0) } && name.wholeMatch(of: /[A-Za-z0-9_]+/) != nil
    }
    .sorted { $0.key < $1.key }.map { "\($0.key)=\(quoted($0.value))" }
    return "cd \(quoted(FileManager.default.currentDirectoryPath)) && "
      + (["exec", "env"] + variables + words.map(quoted)).joined(separator: " ")
  }
}

/// The lines of another launcher, which have their prefixes already.
final class RemoteSink: StreamSink, @unchecked Sendable {
  private let console: LaunchConsole
  private let host: String
  private let isError: Bool
  private var splitter = LineSplitter()
  private let last = Mutex<String?>(nil)

  init(_ console: LaunchConsole, _ host: String, isError: Bool) {
    self.console = console
    self.host = host
    self.isError = isError
  }

  var lastLine: String? { last.withLock { $0 } }

  func take(_ bytes: UnsafeRawBufferPointer) { splitter.feed(bytes) { handle($0) } }
  func finish() { splitter.finish { handle($0) } }

  private func handle(_ piece: LineSplitter.Piece) {
    guard case .line(let bytes) = piece else { return }
    let text = String(decoding: bytes, as: UTF8.self)
    if isError { last.withLock { $0 = LastLines.cut(text) } }
    if isError { console.error(text, of: Self.rank(of: text)) } else { console.output(text) }
  }

  /// The rank of `[rank 3] text`.
  static func rank(of line: String) -> Int? {
    guard line.hasPrefix("[rank "), let end = line.firstIndex(of: "]") else { return nil }
    return VariableReader.number(line[line.index(line.startIndex, offsetBy: 6)..<end])
  }
}
