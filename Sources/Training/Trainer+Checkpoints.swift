// What of a run goes into a checkpoint, and comes back from it:
//
//   model.safetensors       the weights, in timm's names
//   ema.safetensors         their average, where there is one
//   optimizer.safetensors   the optimizer's tensors; optimizer-00001-of-00004.safetensors and so on, where ranks share them
//   scaler.safetensors      the factor of the loss and its counts, in float16
//   state.json              TrainState
public import Checkpoint
import Dataset
import NN
import Optim
import Parallelism
public import Torch

extension Trainer {
  /// Saves everything, links it as `last` (and `best`), and removes what is not kept.
  func save(isBest: Bool) throws {
    try readNumbers()
    if parts.ranks.group.size > 1 {
      try parts.loader.badSamples.share(over: parts.ranks.group)
      state.loader.badSamples = parts.loader.badSamples.samples
    }
    state.optimizer = parts.optimizer.state.scalars
    state.averageUpdates = parts.average?.numUpdates
    state.badValidationSamples = parts.evaluator?.loader.badSamples.samples
    try recovering(parts.ranks.holdValues)
    defer { parts.ranks.shareValues() }
    var files: [(file: String, tensors: StateDict)] = [("model", parts.task.module.stateDict)]
    if let average = parts.average { files.append(("ema", try average.whole())) }
    if let scaler = parts.scaler { files.append(("scaler", scaler.state)) }
    guard let saved = try withSpan("checkpoint", { try write(files) }) else { return }
    try directory.checkpoints.link("last", to: saved)
    if isBest { try directory.checkpoints.link("best", to: saved) }
    directory.checkpoints.prune(keepingNewest: options.numKept)
    try writeBadSamples()
    try tell(.saved(saved, isBest: isBest))
  }

  /// Writes what all ranks have, and of the optimizer's state what each has.
  /// - Returns: the checkpoint, on the first rank; the others go on, and wait for it in the next step.
  private func write(_ files: [(file: String, tensors: StateDict)]) throws -> SavedCheckpoint? {
    let (group, store, optimizer) = (parts.ranks.group, directory.checkpoints, parts.optimizer.state)
    guard parts.ranks.isSharded else {
      guard group.isFirst else { return nil }
      return try store.save(step: state.step, tensors: files + [("optimizer", optimizer.tensors)], state: state)
    }
    let staged = group.isFirst ? try store.stage(step: state.step) : nil
    do {
      let path = try group.gathered(staged.map { [$0.path] } ?? [], "the place of a checkpoint")[0]
      let common = StagedCheckpoint(step: state.step, path: path)
      var own = try common.write(
        "optimizer", optimizer.tensors, layouts: optimizer.layouts, shard: (group.rank, group.size))
      if group.isFirst { for (file, tensors) in files { own.merge(try common.write(file, tensors)) { $1 } } }
      let written = try group.gathered([own], "the files of a checkpoint").reduce(into: [:]) { $0.merge($1) { $1 } }
      return try staged.map { try store.commit($0, files: written, state: state) }
    } catch {
      staged?.remove()
      throw error
    }
  }

  /// Lists the bad samples of both sets in the run directory.
  func writeBadSamples() throws {
    guard parts.ranks.group.isFirst else { return }
    try directory.write(badSamples: [
      ("train", parts.loader.badSamples.samples), ("validation", parts.evaluator?.loader.badSamples.samples ?? []),
    ])
  }

  /// Takes the tensors of a checkpoint over into the parts of a run, each file checked as it is read. What the checkpoint
  /// has no state for, such as an average that is new in the settings, starts anew.
  /// - Returns: the state from which `resume(from:state:)` trains on, to the bits of a run that was never interrupted
  ///   where nothing starts anew; and a line for everything that does, or is dropped.
  /// - Throws: `CheckpointError`, `TrainingError.mismatch`, `OptimizerStateMismatch`, `StateDictMismatch`,
  ///   `DataLoaderError.stateMismatch`.
  public static func restore(
    _ parts: Parts, from checkpoint: SavedCheckpoint
  ) throws -> (state: TrainState, changes: [String]) {
    let saved = try checkpoint.state(TrainState.self)
    guard saved.model == parts.description else {
      throw TrainingError.mismatch(
        "\(checkpoint.path) holds a \(saved.model.name) of \(saved.model.classes.count) classes whose shape, classes "
          + "or preprocessing differ from the settings; start a new run with --init to take over its weights")
    }
    var changes: [String] = []
    try parts.task.module.load(checkpoint.weights("model"))
    switch (parts.average, checkpoint.has("ema")) {
    case (let average?, true): try average.load(checkpoint.weights("ema"), numUpdates: saved.averageUpdates ?? 1)
    case (let average?, false):
      average.restart()
      changes.append("the average of the weights starts anew: the checkpoint has none")
    case (nil, true): changes.append("the average of the weights is dropped: the settings ask for none")
    case (nil, false): break
    }
    changes += try parts.optimizer.load(
      OptimizerState(scalars: saved.optimizer, tensors: checkpoint.tensors("optimizer")))
    switch (parts.scaler, checkpoint.has("scaler")) {
    case (let scaler?, true): try scaler.load(checkpoint.tensors("scaler"))
    case (_?, false): changes.append("the factor of the loss starts anew: the checkpoint has none")
    case (nil, true): changes.append("the factor of the loss is dropped: only float16 has one")
    case (nil, false): break
    }
    // The loader refuses a state of other data before anything is trained on them.
    try parts.loader.resume(from: saved.loader).cancel()
    parts.evaluator?.loader.badSamples.restore(saved.badValidationSamples ?? [])
    return (saved, changes)
  }

  /// Makes `run()` train on from a checkpoint that `restore` has taken over into this trainer's parts.
  /// - Throws: `CheckpointError`.
  public func resume(from checkpoint: SavedCheckpoint, state saved: TrainState) throws {
    state = saved
    state.runtime = .current(device: parts.device)
    state.config = parts.config
    state.data = parts.data
    noteRanks()
    if parts.ranks.group.isFirst { try restoreLinks(to: checkpoint) }
  }

  /// What a later start has to know of this one's ranks.
  func noteRanks() {
    state.numRanks = parts.ranks.group.size
    state.stepSize = parts.step.batchSize * parts.step.accumulation
  }

  /// The links and the best evaluation as they belong to `checkpoint`: a crash may have come between a checkpoint and
  /// its links, and the run may have gone back to before its best.
  private func restoreLinks(to checkpoint: SavedCheckpoint) throws {
    let store = directory.checkpoints
    if store.contains(checkpoint) { try store.link("last", to: checkpoint) }
    guard let best = state.best, (try? store.linked("best"))?.step != best.step else { return }
    if let found = store.checkpoint(atStep: best.step) {
      try store.link("best", to: found)
    } else {
      state.best = nil
    }
  }
}

extension SavedCheckpoint {
  /// A file of weights, known to be floating-point numbers and finite.
  /// - Throws: `CheckpointError`.
  public func weights(_ file: String) throws(CheckpointError) -> StateDict {
    let weights = try tensors(file)
    try weights.checkWeights(of: "\(path)/\(file).safetensors")
    return weights
  }
}

extension StateDict {
  /// Refuses what is no weight: integers, NaN, infinity.
  /// - Parameter path: where the tensors come from, for the error.
  /// - Throws: `CheckpointError.notFloatingPoint` or `.notFinite`, with the first tensor at fault.
  public func checkWeights(of path: String) throws(CheckpointError) {
    for entry in entries {
      guard entry.tensor.dtype.isFloatingPoint else {
        throw .notFloatingPoint(path: path, tensor: entry.name, dtype: entry.tensor.dtype)
      }
      let isFinite = withoutGrad { entry.tensor.isFinite().all().item() == 1 }
      guard isFinite else { throw .notFinite(path: path, tensor: entry.name) }
    }
  }
}
