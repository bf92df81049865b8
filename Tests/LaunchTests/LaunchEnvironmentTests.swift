import Testing

@testable import Launch

/// What the launchers of this world really set, shortened to what counts.
enum Variables {
  static let torchrun = [
    "RANK": "5", "WORLD_SIZE": "8", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "4", "GROUP_RANK": "1",
    "GROUP_WORLD_SIZE": "2", "ROLE_RANK": "5", "ROLE_WORLD_SIZE": "8", "MASTER_ADDR": "node0", "MASTER_PORT": "29400",
    "TORCHELASTIC_RESTART_COUNT": "2", "TORCHELASTIC_RUN_ID": "none",
  ]
  static let srun = [
    "SLURM_JOB_ID": "77", "SLURM_STEP_ID": "0", "SLURM_PROCID": "3", "SLURM_LOCALID": "1", "SLURM_NODEID": "1",
    "SLURM_NTASKS": "5", "SLURM_NPROCS": "5", "SLURM_STEP_NUM_TASKS": "5", "SLURM_STEP_NUM_NODES": "3",
    "SLURM_STEP_TASKS_PER_NODE": "2(x2),1", "SLURM_STEP_NODELIST": "gpu[07-08],big", "SLURM_JOB_NODELIST": "other",
  ]
  static let openMPI = [
    "OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_LOCAL_RANK": "1",
    "OMPI_COMM_WORLD_LOCAL_SIZE": "4", "PMIX_NAMESPACE": "1370030081",
  ]
  static let mpich = ["PMI_RANK": "1", "PMI_SIZE": "4", "MPI_LOCALRANKID": "1", "MPI_LOCALNRANKS": "4"]
  /// One task on each of two hosts, as where srun starts launchers.
  static let srunOfNodes = [
    "SLURM_JOB_ID": "77", "SLURM_STEP_ID": "0", "SLURM_PROCID": "0", "SLURM_LOCALID": "0", "SLURM_NODEID": "0",
    "SLURM_NTASKS": "2", "SLURM_STEP_NUM_TASKS": "2", "SLURM_STEP_NUM_NODES": "2", "SLURM_STEP_TASKS_PER_NODE": "1(x2)",
    "SLURM_STEP_NODELIST": "n[1-2]",
  ]
}

struct LaunchEnvironmentTests {
  typealias Place = LaunchEnvironment

  static let places: [(what: String, variables: [String: String], place: Place?)] = [
    ("nothing", [:], nil),
    ("only a master, which scripts export early", ["MASTER_ADDR": "a", "MASTER_PORT": "1"], nil),
    (
      "torchrun", Variables.torchrun,
      Place(
        rank: 5, worldSize: 8, localRank: 1, localWorldSize: 4, nodeRank: 1, masterAddress: "node0", masterPort: 29400,
        restartCount: 2, source: .torchrun)
    ),
    (
      "a pod of one process", ["RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "job-0", "MASTER_PORT": "23456"],
      Place(
        rank: 1, worldSize: 2, localRank: 0, localWorldSize: 1, masterAddress: "job-0", masterPort: 23456,
        source: .torchrun)
    ),
    (
      "a world of one without a master", ["RANK": "0", "WORLD_SIZE": "1"],
      Place(
        rank: 0, worldSize: 1, localRank: 0, localWorldSize: 1, masterAddress: "127.0.0.1", masterPort: 29500,
        source: .torchrun)
    ),
    (
      "srun", Variables.srun,
      Place(
        rank: 3, worldSize: 5, localRank: 1, localWorldSize: 2, nodeRank: 1, masterAddress: "gpu07",
        masterPort: PlaceReport.port(of: "77.0"), source: .slurm)
    ),
    (
      "srun of one host, after a requeue",
      [
        "SLURM_JOB_ID": "9", "SLURM_STEPID": "2", "SLURM_PROCID": "1", "SLURM_LOCALID": "1", "SLURM_NPROCS": "2",
        "SLURM_NNODES": "1", "SLURM_NODELIST": "vm", "SLURM_RESTART_COUNT": "1",
      ],
      Place(
        rank: 1, worldSize: 2, localRank: 1, localWorldSize: 2, masterAddress: "vm",
        masterPort: PlaceReport.port(of: "9.2"), restartCount: 1, source: .slurm)
    ),
    (
      "srun with a master by hand", Variables.srun.merging(["MASTER_ADDR": "ib0", "MASTER_PORT": "7777"]) { $1 },
      Place(
        rank: 3, worldSize: 5, localRank: 1, localWorldSize: 2, nodeRank: 1, masterAddress: "ib0", masterPort: 7777,
        source: .slurm)
    ),
    (
      "the script of sbatch",
      ["SLURM_JOB_ID": "9", "SLURM_PROCID": "0", "SLURM_LOCALID": "0", "SLURM_NTASKS": "4", "SLURM_NODEID": "0"], nil
    ),
    (
      "the shell of salloc as a step",
      ["SLURM_JOB_ID": "9", "SLURM_STEP_ID": "4294967290", "SLURM_PROCID": "0", "SLURM_NTASKS": "4"], nil
    ),
    ("the shell of salloc", ["SLURM_JOB_ID": "9", "SLURM_NTASKS": "4", "SLURM_JOB_NODELIST": "n[1-2]"], nil),
    (
      "Open MPI", Variables.openMPI,
      Place(
        rank: 1, worldSize: 4, localRank: 1, localWorldSize: 4, masterAddress: "127.0.0.1",
        masterPort: PlaceReport.port(of: "1370030081"), source: .openMPI)
    ),
    (
      "Open MPI on two hosts with a master",
      Variables.openMPI.merging(["OMPI_COMM_WORLD_LOCAL_SIZE": "2", "MASTER_ADDR": "::1"]) { $1 },
      Place(
        rank: 1, worldSize: 4, localRank: 1, localWorldSize: 2, masterAddress: "::1",
        masterPort: PlaceReport.port(of: "1370030081"), source: .openMPI)
    ),
    (
      "MPICH", Variables.mpich,
      Place(
        rank: 1, worldSize: 4, localRank: 1, localWorldSize: 4, masterAddress: "127.0.0.1", masterPort: 29500,
        source: .mpich)
    ),
    (
      "srun --mpi=pmi2", Variables.srun.merging(["PMI_RANK": "3", "PMI_SIZE": "5", "PMI_JOBID": "77.0"]) { $1 },
      Place(
        rank: 3, worldSize: 5, localRank: 1, localWorldSize: 2, nodeRank: 1, masterAddress: "gpu07",
        masterPort: PlaceReport.port(of: "77.0"), source: .slurm)
    ),
    (
      "RANK exported from SLURM's numbers", Variables.srun.merging(["RANK": "3", "WORLD_SIZE": "5"]) { $1 },
      Place(
        rank: 3, worldSize: 5, localRank: 1, localWorldSize: 2, nodeRank: 1, masterAddress: "gpu07",
        masterPort: PlaceReport.port(of: "77.0"), source: .torchrun)
    ),
    (
      "torchrun under one srun for each host, hosts numbered by arrival",
      Variables.torchrun.merging(Variables.srunOfNodes) { $1 },
      Place(
        rank: 5, worldSize: 8, localRank: 1, localWorldSize: 4, nodeRank: 1, masterAddress: "node0", masterPort: 29400,
        restartCount: 2, source: .torchrun)
    ),
    (
      "one process for each host under torchrun under srun, arrived in the other order",
      Variables.torchrun.merging(["RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "1"]) { $1 }
        .merging(Variables.srunOfNodes) { $1 },
      Place(
        rank: 1, worldSize: 2, localRank: 0, localWorldSize: 1, nodeRank: 1, masterAddress: "node0", masterPort: 29400,
        restartCount: 2, source: .torchrun)
    ),
    (
      "torchrun of one host in every task of a srun",
      Variables.srun.merging(Variables.torchrun.merging(["GROUP_WORLD_SIZE": "1", "GROUP_RANK": "0"]) { $1 }) { $1 },
      Place(
        rank: 5, worldSize: 8, localRank: 1, localWorldSize: 4, nodeRank: 0, masterAddress: "node0", masterPort: 29400,
        restartCount: 2, source: .torchrun)
    ),
    (
      "a script that counts for itself under one srun for each host",
      Variables.srunOfNodes.merging([
        "RANK": "3", "WORLD_SIZE": "8", "LOCAL_RANK": "3", "LOCAL_WORLD_SIZE": "4", "MASTER_ADDR": "n1",
        "MASTER_PORT": "5000",
      ]) { $1 },
      Place(
        rank: 3, worldSize: 8, localRank: 3, localWorldSize: 4, masterAddress: "n1", masterPort: 5000, source: .torchrun
      )
    ),
    (
      "mpirun in a shell of srun --pty",
      Variables.openMPI.merging([
        "SLURM_JOB_ID": "9", "SLURM_STEP_ID": "0", "SLURM_PROCID": "0", "SLURM_LOCALID": "0", "SLURM_NTASKS": "1",
        "SLURM_NNODES": "1",
      ]) { $1 },
      Place(
        rank: 1, worldSize: 4, localRank: 1, localWorldSize: 4, masterAddress: "127.0.0.1",
        masterPort: PlaceReport.port(of: "1370030081"), source: .openMPI)
    ),
    (
      "mpirun's daemon under srun, one for each host", Variables.openMPI.merging(Variables.srunOfNodes) { $1 },
      Place(
        rank: 1, worldSize: 4, localRank: 1, localWorldSize: 4, masterAddress: "127.0.0.1",
        masterPort: PlaceReport.port(of: "1370030081"), source: .openMPI)
    ),
  ]

  @Test(arguments: places.indices) func findsThePlace(_ number: Int) throws {
    let (what, variables, place) = Self.places[number]
    #expect(try LaunchEnvironment.find(in: variables) == place, "\(what)")
  }

  static let faults: [(change: [String: String?], of: [String: String], message: String)] = [
    (["WORLD_SIZE": nil], Variables.torchrun, "RANK=5 without WORLD_SIZE"),
    (["RANK": nil], Variables.torchrun, "WORLD_SIZE=8 without RANK"),
    (["LOCAL_WORLD_SIZE": nil], Variables.torchrun, "LOCAL_RANK=1 without LOCAL_WORLD_SIZE"),
    (["RANK": nil, "WORLD_SIZE": nil], Variables.torchrun, "LOCAL_RANK=1 without RANK and WORLD_SIZE"),
    (["RANK": "8"], Variables.torchrun, "RANK=8 does not go with WORLD_SIZE=8"),
    (["LOCAL_RANK": "4"], Variables.torchrun, "LOCAL_RANK=4 does not go with LOCAL_WORLD_SIZE=4"),
    (["LOCAL_WORLD_SIZE": "9"], Variables.torchrun, "LOCAL_WORLD_SIZE=9, WORLD_SIZE=8 contradict"),
    (["WORLD_SIZE": "0", "RANK": "0"], Variables.torchrun, "WORLD_SIZE=0 is not a number of processes"),
    (["MASTER_PORT": nil], Variables.torchrun, "torchrun does not say where rank 0 is to be met: set MASTER_PORT"),
    (["MASTER_ADDR": nil], Variables.torchrun, "set MASTER_ADDR to"),
    (["MASTER_ADDR": nil, "MASTER_PORT": nil], Variables.torchrun, "set MASTER_ADDR and MASTER_PORT to"),
    (["MASTER_PORT": "0"], Variables.torchrun, "MASTER_PORT=0 is not"),
    (["MASTER_PORT": "65536"], Variables.torchrun, "MASTER_PORT=65536 is not a whole number from 0 to 65535"),
    (["MASTER_ADDR": ""], Variables.torchrun, "MASTER_ADDR= is not the name or address of a host"),
    (["MASTER_ADDR": "-oProxyCommand=x"], Variables.torchrun, "is not the name or address of a host"),
    (["MASTER_ADDR": "a b"], Variables.torchrun, "MASTER_ADDR=a b is not"),
    (["SLURM_STEP_NUM_TASKS": nil, "SLURM_NTASKS": nil, "SLURM_NPROCS": nil], Variables.srun, "without SLURM_NTASKS"),
    (["SLURM_STEP_NUM_TASKS": nil, "SLURM_NPROCS": "6"], Variables.srun, "SLURM_NTASKS=5, SLURM_NPROCS=6 contradict"),
    (["SLURM_LOCALID": nil], Variables.srun, "SLURM_PROCID=3 without SLURM_LOCALID"),
    (["SLURM_LOCALID": "2"], Variables.srun, "SLURM_LOCALID=2 does not go with tasks on this node=2"),
    (["SLURM_STEP_ID": nil], Variables.srun, "SLURM_PROCID=3 without SLURM_STEP_ID"),
    (["SLURM_STEP_TASKS_PER_NODE": "2(y2)"], Variables.srun, "SLURM_STEP_TASKS_PER_NODE=2(y2) is not a list"),
    (["SLURM_STEP_TASKS_PER_NODE": nil], Variables.srun, "without SLURM_TASKS_PER_NODE"),
    (["SLURM_STEP_NODELIST": "n[1-"], Variables.srun, "SLURM_STEP_NODELIST=n[1- is not a list of hosts"),
    (["OMPI_COMM_WORLD_SIZE": nil], Variables.openMPI, "without OMPI_COMM_WORLD_SIZE"),
    (["OMPI_COMM_WORLD_LOCAL_SIZE": nil], Variables.openMPI, "without OMPI_COMM_WORLD_LOCAL_SIZE"),
    (["OMPI_COMM_WORLD_LOCAL_SIZE": "2"], Variables.openMPI, "Open MPI does not say where rank 0 is to be met"),
    (["MPI_LOCALRANKID": nil], Variables.mpich, "MPI_LOCALNRANKS=4 without MPI_LOCALRANKID"),
    (["MPI_LOCALRANKID": nil, "MPI_LOCALNRANKS": nil], Variables.mpich, "PMI_RANK=1 without MPI_LOCALRANKID"),
    (["MPI_LOCALNRANKS": "2"], Variables.mpich, "MPICH does not say where rank 0 is to be met: set MASTER_ADDR"),
    (
      ["RANK": "2", "WORLD_SIZE": "5"], Variables.srun,
      "RANK=2, WORLD_SIZE=5, SLURM_PROCID=3, SLURM_STEP_NUM_TASKS=5 contradict each other"
    ),
    (
      ["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2"],
      Variables.openMPI.merging(Variables.mpich) { $1 },
      "OMPI_COMM_WORLD_RANK=0, OMPI_COMM_WORLD_SIZE=2, PMI_RANK=1, PMI_SIZE=4 contradict"
    ),
    (
      ["GROUP_WORLD_SIZE": "3"], Variables.torchrun.merging(Variables.srunOfNodes) { $1 },
      "RANK=5, WORLD_SIZE=8, SLURM_PROCID=0, SLURM_STEP_NUM_TASKS=2 contradict"
    ),
    (
      ["GROUP_WORLD_SIZE": nil, "GROUP_RANK": nil], Variables.torchrun.merging(Variables.srunOfNodes) { $1 },
      "RANK=5, WORLD_SIZE=8, SLURM_PROCID=0"
    ),
  ]

  @Test(arguments: faults.indices) func saysWhatIsWrong(_ number: Int) throws {
    let (change, base, message) = Self.faults[number]
    let variables = base.merging(change.compactMapValues { $0 }) { $1 }.filter { change[$0.key] != .some(nil) }
    let error = try #require(throws: LaunchEnvironmentError.self) { try LaunchEnvironment.find(in: variables) }
    #expect(error.description.contains(message), "\(error)")
    #expect(!error.description.contains("\n"))
  }

  static let hostile = [
    "", " ", "-1", "+1", "1.0", "0x1", "1e3", "٣", "1\n", "NaN", "9999999999999999999999", "1048577", "\u{1B}[2J",
    String(repeating: "9", count: 100_000),
  ]

  @Test(arguments: [
    ("RANK", Variables.torchrun), ("WORLD_SIZE", Variables.torchrun), ("LOCAL_RANK", Variables.torchrun),
    ("LOCAL_WORLD_SIZE", Variables.torchrun), ("GROUP_RANK", Variables.torchrun), ("MASTER_PORT", Variables.torchrun),
    ("TORCHELASTIC_RESTART_COUNT", Variables.torchrun), ("SLURM_PROCID", Variables.srun),
    ("SLURM_STEP_NUM_TASKS", Variables.srun), ("SLURM_LOCALID", Variables.srun), ("SLURM_NODEID", Variables.srun),
    ("OMPI_COMM_WORLD_RANK", Variables.openMPI), ("OMPI_COMM_WORLD_LOCAL_SIZE", Variables.openMPI),
    ("PMI_SIZE", Variables.mpich), ("MPI_LOCALRANKID", Variables.mpich),
  ]) func aValueThatIsNoNumberIsNamed(_ name: String, _ base: [String: String]) throws {
    for text in Self.hostile {
      let variables = base.merging([name: text]) { $1 }
      let error = try #require(throws: LaunchEnvironmentError.self) { try LaunchEnvironment.find(in: variables) }
      #expect(error.description.contains("\(name)="), "\(error)")
      #expect(error.description.utf8.count < 400)
      #expect(!error.description.unicodeScalars.contains { $0.value < 32 })
    }
  }

  @Test func variablesOfNoConsequenceChangeNothing() throws {
    let noise = ["RANKS": "x", "SLURM_FOO": "y", "PMI_FD": "z", "OMPI_UNIVERSE_SIZE": "q", "PET_NNODES": "a"]
    #expect(try LaunchEnvironment.find(in: noise) == nil)
  }

  @Test func thePlaceIsOneLine() throws {
    let place = try #require(try LaunchEnvironment.find(in: Variables.mpich))
    #expect(place.summary == "rank 1 of 4, local rank 1, master 127.0.0.1:29500, from MPICH")
    let other = try #require(
      try LaunchEnvironment.find(in: Variables.torchrun.merging(["MASTER_ADDR": "fd00::2"]) { $1 }))
    #expect(other.summary == "rank 5 of 8, local rank 1, master [fd00::2]:29400, from torchrun, restart 2")
  }
}
