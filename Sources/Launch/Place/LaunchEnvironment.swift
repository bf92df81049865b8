// Where this process stands among all that train together, as whoever started it says in the environment.

import Foundation

/// The place of a process in a group of processes.
public struct LaunchEnvironment: Equatable, Sendable {
  /// Who says so.
  public enum Source: String, CaseIterable, Sendable {
    /// `--rank` and its companions.
    case flags
    /// `vitrail launch`, `torchrun`, or whatever sets `RANK` and `WORLD_SIZE`.
    case torchrun
    /// A step of `srun`.
    case slurm = "SLURM"
    /// Open MPI's `mpirun`.
    case openMPI = "Open MPI"
    /// MPICH's `mpirun`, and others with the process manager Hydra (Intel MPI).
    case mpich = "MPICH"
  }

  /// The number of this process among all, from 0.
  public var rank: Int
  /// How many processes there are.
  public var worldSize: Int
  /// The number of this process among those of its host, from 0; what chooses a GPU.
  public var localRank: Int
  /// How many processes its host has.
  public var localWorldSize: Int
  /// The number of the host, from 0; nil where nobody says.
  public var nodeRank: Int?
  /// The name or address of the host of rank 0.
  public var masterAddress: String
  /// The port where rank 0 waits for the others.
  public var masterPort: Int
  /// How often the group was started anew after a failure.
  public var restartCount: Int
  /// Who says so.
  public var source: Source

  /// A place with all that belongs to it.
  public init(
    rank: Int, worldSize: Int, localRank: Int, localWorldSize: Int, nodeRank: Int? = nil, masterAddress: String,
    masterPort: Int, restartCount: Int = 0, source: Source
  ) {
    self.rank = rank
    self.worldSize = worldSize
    self.localRank = localRank
    self.localWorldSize = localWorldSize
    self.nodeRank = nodeRank
    self.masterAddress = masterAddress
    self.masterPort = masterPort
    self.restartCount = restartCount
    self.source = source
  }

  /// The place of this process; nil where nothing says that it is one of several.
  /// - Throws: `LaunchEnvironmentError` where what is said contradicts itself, is incomplete or is no number.
  public static func current(flags: LaunchFlags = LaunchFlags()) throws(LaunchEnvironmentError) -> LaunchEnvironment? {
    try find(in: ProcessInfo.processInfo.environment, flags: flags)
  }

  /// The place that environment variables and flags tell of; nil where they tell of none. It depends on nothing else.
  ///
  /// Where several launchers are told of, one started another. Those that agree complete each other. Otherwise the
  /// inner one counts: flags before torchrun, torchrun before the MPIs, these before SLURM; provided that the outer
  /// one can have counted launchers, one for each host or one in all.
  /// - Throws: `LaunchEnvironmentError`.
  public static func find(
    in variables: [String: String], flags: LaunchFlags = LaunchFlags()
  ) throws(LaunchEnvironmentError) -> LaunchEnvironment? {
    let reader = VariableReader(variables)
    let said = try [
      flags.place(), TorchrunPlace.read(reader), MPIPlace.openMPI(reader), MPIPlace.mpich(reader),
      SlurmPlace.read(reader),
    ].compactMap { $0 }
    guard var place = said.first else { return nil }
    for outer in said.dropFirst() {
      if place.rank == outer.rank, place.worldSize == outer.worldSize {
        place.complete(from: outer)
      } else if !place.canBeStarted(by: outer) {
        throw .disagreement(place.named + outer.named)
      }
    }
    return try place.finished(reader)
  }

  /// One line: `rank 1 of 4, local rank 1, master 127.0.0.1:29500, from SLURM`.
  public var summary: String {
    let address = masterAddress.contains(":") ? "[\(masterAddress)]" : masterAddress
    return "rank \(rank) of \(worldSize), local rank \(localRank), master \(address):\(masterPort), "
      + "from \(source.rawValue)" + (restartCount > 0 ? ", restart \(restartCount)" : "")
  }
}
