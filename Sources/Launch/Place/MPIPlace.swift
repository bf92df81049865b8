/// What the `mpirun` of the two families of MPI sets.
enum MPIPlace {
  static func openMPI(_ reader: VariableReader) throws(LaunchEnvironmentError) -> PlaceReport? {
    guard let (rank, worldSize) = try reader.pair("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE") else { return nil }
    guard let local = try reader.pair("OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE") else {
      throw .missing(
        "OMPI_COMM_WORLD_LOCAL_RANK and OMPI_COMM_WORLD_LOCAL_SIZE", besides: reader.named("OMPI_COMM_WORLD_RANK")[0])
    }
    return try PlaceReport(
      source: .openMPI, rank: rank, worldSize: worldSize, local: .init(rank: local.0, worldSize: local.1),
      jobIdentity: reader["PMIX_NAMESPACE"] ?? reader["OMPI_MCA_ess_base_jobid"],
      named: reader.named("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE")
    ).checked()
  }

  static func mpich(_ reader: VariableReader) throws(LaunchEnvironmentError) -> PlaceReport? {
    guard let (rank, worldSize) = try reader.pair("PMI_RANK", "PMI_SIZE") else { return nil }
    // srun's own interface (--mpi=pmi2) has no local numbers; SLURM's variables have.
    let local = try reader.pair("MPI_LOCALRANKID", "MPI_LOCALNRANKS")
    return try PlaceReport(
      source: .mpich, rank: rank, worldSize: worldSize, local: local.map { .init(rank: $0.0, worldSize: $0.1) },
      jobIdentity: reader["PMI_JOBID"], named: reader.named("PMI_RANK", "PMI_SIZE")
    ).checked()
  }
}
