/// What a launcher is asked to do.
public struct LaunchOptions: Sendable {
  /// Where the output of ranks goes.
  public enum Output: String, CaseIterable, Sendable {
    /// Lines on the launcher's own streams, each with its rank before it.
    case prefixed
    /// A file for each rank.
    case files
  }

  /// The program, by its path, and its arguments.
  public var command: [String]
  /// The ranks on this host.
  public var numRanks: Int
  /// The hosts of the job.
  public var nodes = NodeRange(1, 1)
  /// The number of this host; by arrival where nil.
  public var nodeRank: Int?
  /// Where the launchers of several hosts meet.
  public var rendezvous: RendezvousAddress?
  /// The hosts to start launchers on through ssh.
  public var hosts: HostFile?
  /// What tells this job from others at the same place.
  public var jobID = "none"
  /// How often all ranks are started again after a failure.
  public var maxRestarts = 0
  /// Where the output of ranks goes.
  public var output = Output.prefixed
  /// The folder of their files.
  public var logFolder: String?
  /// Seconds between two looks at the ranks.
  public var monitorInterval = 0.1
  /// Seconds that ranks have to leave after a failure, before they are killed.
  public var stopTimeout = 30.0
  /// Seconds that hosts have to come.
  public var joinTimeout = 600.0
  /// Seconds without a sign of life after which a host, or the rendezvous, is lost.
  public var heartbeatTimeout = 15.0
  /// Whether standard input is a leash: all ranks end when it does, and another launcher speaks for this one.
  public var hasLeash = false
  /// The processors that the ranks of this host share.
  public var numProcessors: Int
  /// This program, as other hosts know it.
  public var executable: String
  /// The command line that a launcher on another host gets, without what differs from host to host.
  public var remoteArguments: [String] = []

  /// Options with defaults.
  public init(command: [String], numRanks: Int, numProcessors: Int, executable: String) {
    self.command = command
    self.numRanks = numRanks
    self.numProcessors = numProcessors
    self.executable = executable
  }
}
