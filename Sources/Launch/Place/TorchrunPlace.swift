/// What torchrun and `vitrail launch` set for each process, or a script by hand: PyTorch's own variables.
enum TorchrunPlace {
  static func read(_ reader: VariableReader) throws(LaunchEnvironmentError) -> PlaceReport? {
    let local = try reader.pair("LOCAL_RANK", "LOCAL_WORLD_SIZE")
    guard let (rank, worldSize) = try reader.pair("RANK", "WORLD_SIZE") else {
      guard local != nil else { return nil }
      throw .missing("RANK and WORLD_SIZE", besides: reader.named("LOCAL_RANK")[0])
    }
    let group = try reader.pair("GROUP_RANK", "GROUP_WORLD_SIZE")
    var restartCount = try reader.number("TORCHELASTIC_RESTART_COUNT")
    if restartCount == nil { restartCount = try reader.number("VITRAIL_RESTART_COUNT") }
    let place = try PlaceReport(
      source: .torchrun, rank: rank, worldSize: worldSize,
      local: local.map { .init(rank: $0.0, worldSize: $0.1) }, nodeRank: group?.0,
      restartCount: restartCount ?? 0,
      numLaunchers: group?.1, named: reader.named("RANK", "WORLD_SIZE")
    ).checked()
    if let local, local.0 >= local.1 || local.1 > worldSize {
      let names = reader.named("LOCAL_RANK", "LOCAL_WORLD_SIZE", "WORLD_SIZE")
      throw local.0 >= local.1
        ? .outOfRange(names[0], size: names[1]) : .disagreement([names[1], names[2]])
    }
    return place
  }
}
