// What of a run goes into a checkpoint, and comes back from it:
//
//   model.safetensors       the weights, in timm's names
//   ema.safetensors         their average, where there is one
//   optimizer.safetensors   the optimizer's tensors; optimizer-00001-of-00004.safetensors and so on, where ranks share them
//   scaler.safetensors      the factor of the loss and its counts, in float16
//   state.json              TrainState
//
// A save begins on the trainer's thread, which copies the tensors, and goes on beside it (BackgroundSave.swift). What
// needs the other ranks, or tells hooks, waits until the trainer looks: after each step, before the next save, at the end.
public import Checkpoint
import Dataset
import NN
import Optim
import Parallelism
import Settings
public import Torch

extension Trainer {
  /// Saves everything, links it as `last` (and `best`), and removes what is not kept. In the background a copy is
  /// written while training goes on; one at a time, so that this waits for the save before.
  func save(isBest: Bool) throws {
    try readNumbers()
    try withSpan("checkpoint") {
      try followSave(isWaiting: true)
      try recovering(parts.ranks.holdValues)
      defer { parts.ranks.shareValues() }
      if parts.ranks.group.size > 1 {
        try parts.loader.badSamples.share(over: parts.ranks.group)
        state.loader.badSamples = parts.loader.badSamples.samples
      }
      state.optimizer = parts.optimizer.state.scalars
      state.averageUpdates = parts.average?.numUpdates
      state.badValidationSamples = parts.evaluator?.loader.badSamples.samples
      try startSave(isBest: isBest)
      if !options.savesInBackground { try followSave(isWaiting: true) }
    }
  }

  /// Starts to write what all ranks have, and of the optimizer's state what each has.
  private func startSave(isBest: Bool) throws {
    let (group, optimizer, isSharded) = (parts.ranks.group, parts.optimizer.state, parts.ranks.isSharded)
    guard isSharded || group.isFirst else { return }
    let average = try parts.average?.whole()
    var files: [CheckpointWrite.File] = []
    if group.isFirst {
      files.append(.init(name: "model", tensors: parts.task.module.stateDict))
      if let average { files.append(.init(name: "ema", tensors: average)) }
      if let scaler = parts.scaler { files.append(.init(name: "scaler", tensors: scaler.state)) }
    }
    files.append(
      .init(
        name: "optimizer", tensors: optimizer.tensors, layouts: optimizer.layouts,
        shard: isSharded ? (group.rank, group.size) : nil))
    let isInBackground = options.savesInBackground
    if isInBackground {
      let copies = try snapshot.take(Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0.tensors) }))
      for index in files.indices { files[index].tensors = copies[files[index].name]! }
    }
    let write = CheckpointWrite(
      staged: try stage(), files: files, state: state, isBest: isBest, numKept: options.numKept,
      store: directory.checkpoints)
    let writeFiles = { @Sendable [willWrite] in
      willWrite()
      return try write.writeFiles()
    }
    pendingSave =
      isSharded
      ? .writing(BackgroundWork(isInBackground: isInBackground, writeFiles), write)
      : .committing(BackgroundWork(isInBackground: isInBackground) { try write.commit(writeFiles) }, isBest: isBest)
  }

  /// Begins a checkpoint: the first rank stages it, and where others write to it they learn where.
  private func stage() throws -> StagedCheckpoint {
    let group = parts.ranks.group
    let staged = group.isFirst ? try directory.checkpoints.stage(step: state.step) : nil
    if let staged, !parts.ranks.isSharded { return staged }
    do {
      let path = try group.gathered(staged.map { [$0.path] } ?? [], "the place of a checkpoint")[0]
      return StagedCheckpoint(step: state.step, path: path)
    } catch {
      staged?.remove()
      throw error
    }
  }

  /// Takes the save under way, if any, as far as it goes by now. All ranks come here alike.
  /// - Parameter isWaiting: whether to wait for its end.
  /// - Throws: what it failed with.
  func followSave(isWaiting: Bool) throws {
    let group = parts.ranks.group
    if case .writing(let work, let write) = pendingSave {
      if !isWaiting, try group.any(!work.isOver, "who writes a checkpoint") { return }
      pendingSave = nil
      do {
        let written = try group.gathered([work.value()], "the files of a checkpoint")
          .reduce(into: [:]) { $0.merge($1) { $1 } }
        guard group.isFirst else { return }
        pendingSave = .committing(
          BackgroundWork(isInBackground: options.savesInBackground) { try write.commit { written } },
          isBest: write.isBest)
      } catch {
        if group.isFirst { write.staged.remove() }
        throw error
      }
    }
    guard case .committing(let work, let isBest) = pendingSave, isWaiting || work.isOver else { return }
    pendingSave = nil
    let saved = try work.value()
    try writeBadSamples()
    try tell(.saved(saved, isBest: isBest))
  }

  /// Waits for the save under way after an error, of which the other ranks may not know: what only they could complete is
  /// dropped. Its own failure is no more than a warning beside that error.
  func settleSave() {
    defer { pendingSave = nil }
    do {
      switch pendingSave {
      case .committing(let work, let isBest):
        let saved = try work.value()
        try? tell(.saved(saved, isBest: isBest))
      case .writing(let work, let write):
        defer { if parts.ranks.group.isFirst { write.staged.remove() } }
        _ = try work.value()
      case nil: break
      }
    } catch {
      try? tell(.warning("the last checkpoint was not saved: \(plainReason(of: error))"))
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
