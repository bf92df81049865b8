/// What `srun` sets for each task of a step. The script of `sbatch` and the shell of `salloc` belong to a job but to
/// no step of tasks: they are no ranks.
enum SlurmPlace {
  /// Steps from here on are SLURM's own: the batch script, the shell of an allocation (slurm.h).
  private static let firstSpecialStep = 0xffff_fff0

  static func read(_ reader: VariableReader) throws(LaunchEnvironmentError) -> PlaceReport? {
    guard reader["SLURM_JOB_ID"] != nil || reader["SLURM_JOBID"] != nil else { return nil }
    guard let rank = try reader.number("SLURM_PROCID") else { return nil }
    guard let step = try number(reader, "SLURM_STEP_ID", "SLURM_STEPID", upTo: 0xffff_ffff) else {
      // A batch script has the number 0 without a step.
      guard rank == 0 else { throw .missing("SLURM_STEP_ID", besides: reader.named("SLURM_PROCID")[0]) }
      return nil
    }
    guard step < firstSpecialStep else { return nil }
    let sizes = ["SLURM_STEP_NUM_TASKS", "SLURM_NTASKS", "SLURM_NPROCS"]
    guard let sizeName = sizes.first(where: { reader[$0] != nil }), let worldSize = try reader.number(sizeName) else {
      throw .missing("SLURM_NTASKS", besides: reader.named("SLURM_PROCID")[0])
    }
    // The request of the job may differ from the step's size; the two names of one number may not.
    if sizeName == "SLURM_NTASKS", let other = try reader.number("SLURM_NPROCS"), other != worldSize {
      throw .disagreement(reader.named("SLURM_NTASKS", "SLURM_NPROCS"))
    }
    let numNodes = try number(reader, "SLURM_STEP_NUM_NODES", "SLURM_NNODES", upTo: VariableReader.greatestSize)
    let node = try reader.number("SLURM_NODEID")
    let jobNumber = try number(reader, "SLURM_JOB_ID", "SLURM_JOBID", upTo: 0xffff_ffff) ?? 0
    return try PlaceReport(
      source: .slurm, rank: rank, worldSize: worldSize,
      local: local(reader, node: node, isOneNode: numNodes == 1, worldSize: worldSize), nodeRank: node,
      masterAddress: firstHost(reader), restartCount: reader.number("SLURM_RESTART_COUNT") ?? 0,
      jobIdentity: "\(jobNumber).\(step)", isOnePerHost: numNodes == worldSize,
      named: reader.named("SLURM_PROCID") + reader.named(sizeName)
    ).checked()
  }

  private static func number(
    _ reader: VariableReader, _ name: String, _ former: String, upTo greatest: Int
  ) throws(LaunchEnvironmentError) -> Int? {
    if let number = try reader.number(name, upTo: greatest) { return number }
    return try reader.number(former, upTo: greatest)
  }

  private static func local(
    _ reader: VariableReader, node: Int?, isOneNode: Bool, worldSize: Int
  ) throws(LaunchEnvironmentError) -> PlaceReport.Local {
    guard let rank = try reader.number("SLURM_LOCALID") else {
      throw .missing("SLURM_LOCALID", besides: reader.named("SLURM_PROCID")[0])
    }
    var size = isOneNode ? worldSize : nil
    for name in ["SLURM_STEP_TASKS_PER_NODE", "SLURM_TASKS_PER_NODE"] where size == nil {
      guard let text = reader[name] else { continue }
      guard let counts = SlurmHosts.TaskCounts(text) else {
        throw .malformed(NamedValue(name, text), expected: "a list of task counts such as 2(x3),1")
      }
      size = node.flatMap { counts[$0] }
    }
    if size == nil { size = try reader.number("SLURM_NTASKS_PER_NODE") }
    guard let size else { throw .missing("SLURM_TASKS_PER_NODE", besides: reader.named("SLURM_LOCALID")[0]) }
    guard rank < size else {
      throw .outOfRange(reader.named("SLURM_LOCALID")[0], size: NamedValue("tasks on this node", "\(size)"))
    }
    return .init(rank: rank, worldSize: size)
  }

  /// The first host of the step, else of the job; nil where no list is set.
  private static func firstHost(_ reader: VariableReader) throws(LaunchEnvironmentError) -> String? {
    for name in ["SLURM_STEP_NODELIST", "SLURM_JOB_NODELIST", "SLURM_NODELIST"] {
      guard let text = reader[name] else { continue }
      guard let first = SlurmHosts.expand(text, atMost: 1)?.first else {
        throw .malformed(NamedValue(name, text), expected: "a list of hosts such as n[01-04,7],m1")
      }
      return first
    }
    return nil
  }
}
