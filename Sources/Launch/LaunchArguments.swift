public import ArgumentParser
import Foundation

extension LaunchOptions.Output: ExpressibleByArgument {}

/// The options of `vitrail launch`.
public struct LaunchArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Ranks on this host; auto: one for each GPU, else one for as many processors as OMP_NUM_THREADS says, else one.",
      valueName: "n|auto"))
  var nprocPerNode: String?

  @Option(help: ArgumentHelp("Hosts; with MIN:MAX the job goes on while there are MIN.", valueName: "n|min:max"))
  var nnodes: String?

  @Option(help: ArgumentHelp("The number of this host, from 0; by default hosts count by arrival.", valueName: "n"))
  var nodeRank: Int?

  @Option(help: ArgumentHelp("Where the launchers meet: an address of host 0.", valueName: "host:port"))
  var rendezvous: String?

  @Option(
    help: ArgumentHelp("Start on these hosts through ssh; lines such as 'name slots=4'.", valueName: "file"),
    completion: .file())
  var hostfile: String?

  @Option(help: ArgumentHelp("A name that launchers of one job share.", valueName: "name"))
  var jobId: String?

  @Option(help: ArgumentHelp("Start all ranks again, so often, after one failed.", valueName: "n"))
  var maxRestarts = 0

  @Option(help: "Where ranks write: prefixed (lines with their rank) or files (one for each, in --log-dir).")
  var output: LaunchOptions.Output?

  @Option(help: ArgumentHelp("The folder of the files.", valueName: "dir"), completion: .directory)
  var logDir: String?

  @Option(help: ArgumentHelp("Seconds between looks at the ranks.", valueName: "s"))
  var monitorInterval = 0.1

  @Option(help: ArgumentHelp("Seconds that ranks have to leave after a failure; then SIGKILL.", valueName: "s"))
  var stopTimeout = 30.0

  @Option(help: ArgumentHelp("Seconds that hosts have to come.", valueName: "s"))
  var joinTimeout = 600.0

  @Option(help: ArgumentHelp("Seconds of silence after which a host is lost.", valueName: "s"))
  var heartbeatTimeout = 15.0

  /// Set by a launcher that starts this one on another host.
  @Flag(help: .hidden)
  var leash = false

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("After --: a command of vitrail, or a program.", valueName: "command"))
  var command: [String] = []

  /// Empty arguments, for the parser.
  public init() {}

  /// What was asked for.
  ///
  /// - Parameters:
  ///   - subcommands: The commands that this executable has itself.
  ///   - numProcessors: The processors that may be used.
  ///   - countGPUs: How many GPUs there are; asked where the answer matters.
  /// - Throws: `LaunchError`.
  public func options(
    subcommands: [String], numProcessors: Int, countGPUs: () -> Int
  ) throws(LaunchError) -> LaunchOptions {
    let environment = ProcessInfo.processInfo.environment
    let executable = try Self.ownPath()
    guard let first = command.first else {
      throw .usage(
        "launch needs a command after --, for example: vitrail launch --nproc-per-node 2 -- train --data photos")
    }
    let program = subcommands.contains(first) ? [executable, first] : [try Self.find(first, environment)]
    let hosts: HostFile? = if let hostfile { try HostFile(hostfile) } else { nil }
    var options = LaunchOptions(
      command: program + command.dropFirst(),
      numRanks: try numRanks(environment, numProcessors, countGPUs, isGiven: hosts != nil),
      numProcessors: numProcessors, executable: executable)
    options.hosts = hosts
    if let nnodes { options.nodes = try NodeRange(parsing: nnodes) }
    if let rendezvous { options.rendezvous = try RendezvousAddress(parsing: rendezvous) }
    options.nodeRank = nodeRank
    try check(hosts, options)
    if let jobId {
      guard VariableReader.isHost(jobId) else {
        throw .usage("--job-id takes letters, digits, '-', '_' and '.', not '\(jobId.prefix(40))'")
      }
      options.jobID = jobId
    }
    options.maxRestarts = maxRestarts
    options.output = output ?? (logDir == nil ? .prefixed : .files)
    options.logFolder = logDir
    options.monitorInterval = monitorInterval
    options.stopTimeout = stopTimeout
    options.joinTimeout = joinTimeout
    options.heartbeatTimeout = heartbeatTimeout
    options.hasLeash = leash
    options.remoteArguments = remoteArguments(options.output)
    return options
  }

  private func check(_ hosts: HostFile?, _ options: LaunchOptions) throws(LaunchError) {
    if hosts != nil, nnodes != nil || nodeRank != nil {
      throw .usage("--hostfile says which hosts there are: leave --nnodes and --node-rank out")
    }
    if hosts == nil, options.nodes.most > 1, rendezvous == nil {
      throw .usage("--nnodes \(options.nodes) needs --rendezvous HOST:PORT, an address of host 0")
    }
    if let nodeRank, !(0..<options.nodes.most).contains(nodeRank) {
      throw .usage("--node-rank \(nodeRank) does not go with --nnodes \(options.nodes): hosts count from 0")
    }
    if (output == .files) != (logDir != nil), output != nil || logDir != nil, !(output == nil && logDir != nil) {
      throw .usage("--output files and --log-dir DIR belong together")
    }
    guard (0...1_000_000).contains(maxRestarts) else { throw .usage("--max-restarts takes 0 to 1000000") }
    let seconds = [
      ("--monitor-interval", monitorInterval, 0.005...60), ("--stop-timeout", stopTimeout, 0...86_400),
      ("--join-timeout", joinTimeout, 0.1...864_000), ("--heartbeat-timeout", heartbeatTimeout, 0.5...86_400),
    ]
    for (name, value, range) in seconds where !range.contains(value) {
      throw .usage("\(name) takes \(range.lowerBound) to \(range.upperBound) seconds")
    }
  }

  private func numRanks(
    _ environment: [String: String], _ numProcessors: Int, _ countGPUs: () -> Int, isGiven: Bool
  ) throws(LaunchError) -> Int {
    switch nprocPerNode {
    case nil where isGiven: return 1
    case nil: throw .usage("launch needs --nproc-per-node, a number of ranks or auto")
    case "auto":
      let numGPUs = countGPUs()
      if numGPUs > 0 { return numGPUs }
      guard let threads = environment["OMP_NUM_THREADS"].flatMap({ VariableReader.number($0) }), threads > 0 else {
        return 1
      }
      return max(1, numProcessors / threads)
    case let text?:
      guard let number = VariableReader.number(text), (1...4096).contains(number) else {
        throw .usage("--nproc-per-node takes 1 to 4096, or auto, not '\(text.prefix(40))'")
      }
      return number
    }
  }

  /// What every launcher of a host file gets.
  private func remoteArguments(_ output: LaunchOptions.Output) -> [String] {
    var words = [
      "--max-restarts", "\(maxRestarts)", "--output", output.rawValue, "--monitor-interval", "\(monitorInterval)",
      "--stop-timeout", "\(stopTimeout)", "--join-timeout", "\(joinTimeout)", "--heartbeat-timeout",
      "\(heartbeatTimeout)", "--leash",
    ]
    if let logDir { words += ["--log-dir", logDir] }
    return words + ["--"] + command
  }

  private static func ownPath() throws(LaunchError) -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    guard count > 0 else { throw .failed("cannot read /proc/self/exe, which tells where this program lies") }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Finds a program as a shell would.
  private static func find(_ name: String, _ environment: [String: String]) throws(LaunchError) -> String {
    let isPath = name.contains("/")
    let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map(String.init)
    for path in isPath ? [name] : folders.map({ "\($0)/\(name)" }) {
      var status = stat()
      if access(path, X_OK) == 0, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG { return path }
    }
    throw .usage(
      "'\(name.prefix(200))' is neither a command of vitrail nor a program \(isPath ? "that can be run" : "on PATH")")
  }
}
