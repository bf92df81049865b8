// From settings to a run: the only place that knows every part.
import Augment
import Checkpoint
import Dataset
import Foundation
import NN
import Optim
public import Parallelism
import Preprocessing
import Settings
import Telemetry
import Torch
public import Training
import VisionModels

/// Builds a run from its settings.
///
/// Everything that can be wrong is found here, before any work: settings, devices, folders, weights.
public struct RunBuilder {
  /// The settings.
  public let options: RunOptions
  /// Told of everything in the run, besides the files of the run directory.
  public var hooks: [any Hook] = []
  /// Asked after every step; a reason makes the run save and end.
  public var stopRequest: () -> String? = { nil }
  /// The ranks that train together. Each builds the run; the first alone writes, and tells the user anything.
  public var group = ProcessGroup.alone
  /// This process's number among those of its machine: that of its GPU, where the settings leave the choice.
  public var localRank = 0
  /// How many of them share this machine's processors.
  public var numLocalRanks = 1
  /// Takes lines that the user should read before the run starts.
  public var note: (String) -> Void = { _ in }
  /// Takes lines about what is damaged and passed over; standard error if nothing else is set.
  public var warn: (String) -> Void = { ConsoleOutput.standardError.warning($0) }

  /// A builder of a run with these settings.
  public init(_ options: RunOptions) { self.options = options }

  /// Builds a new run; its directory must not exist, or be empty.
  /// - Throws: `OptionsError`, `TorchError`, `ImageFolderError`, `SplitError`, `TrainingError`, `CheckpointError`.
  public func build() throws -> Run {
    guard group.isFirst else { return try assemble(in: .ofOtherRank(at: options.out), from: .beginning) }
    // A folder that is there is refused at once; one that is not is made last, so that a mistake leaves none behind.
    let isThere = FileManager.default.fileExists(atPath: options.out)
    let existing = isThere ? try RunDirectory.create(at: options.out) : nil
    return try assemble(in: existing ?? .create(at: options.out), from: .beginning)
  }

  /// Builds a run that resumes from a checkpoint: from the one at `path` (a checkpoint, or a run directory, whose newest
  /// whole one is taken), or from the newest whole one of its own directory. Starts anew where that has none yet. Going
  /// back to an older one of its own removes the newer ones.
  /// - Throws: what `build` throws, and `CheckpointError`, `DataLoaderError`.
  public func resume(from path: String? = nil) throws -> Run {
    guard group.isFirst else {
      // What the first rank removes is none of a run's checkpoints.
      try group.barrier("before the run resumes")
      return try resume(in: .ofOtherRank(at: options.out), from: path)
    }
    let directory = try RunDirectory.open(at: options.out)
    directory.checkpoints.removeLeftovers()
    try group.barrier("before the run resumes")
    return try resume(in: directory, from: path)
  }

  /// What the run would be, without a directory: nothing is written.
  public func plan() throws -> Run { try assemble(in: nil, from: .beginning) }

  /// What `build` would give, or `resume`, refused where that would be; nothing is written.
  /// - Throws: what `build` and `resume` throw.
  public func rehearse(resuming: Bool = false, from path: String? = nil) throws -> Run {
    try RunDirectory.check(options.out, isNew: !resuming)
    return try resuming ? resume(in: nil, from: path) : plan()
  }

  /// Where a run gets its first state.
  enum Source {
    case beginning
    case checkpoint(SavedCheckpoint)
    case newest(CheckpointStore)
  }

  private func resume(in directory: RunDirectory?, from path: String?) throws -> Run {
    let own = CheckpointStore(folder: "\(options.out)/checkpoints")
    func refuseOther(_ path: String, isOwn: Bool) throws {
      guard !isOwn, !own.steps().isEmpty else { return }
      throw TrainingError.runDirectory(
        path: options.out, reason: "it holds a run of its own, which \(path) is no part of; choose another out")
    }
    if let path, FileManager.default.fileExists(atPath: "\(path)/state.json") {
      let checkpoint = try SavedCheckpoint(path: path)
      let isOwn = own.contains(checkpoint)
      try refuseOther(checkpoint.path, isOwn: isOwn)
      let run = try assemble(in: directory, from: .checkpoint(checkpoint))
      // No rank may still look for the checkpoint among those that go.
      if isOwn, directory != nil { try group.barrier("before newer checkpoints are removed") }
      if isOwn, directory != nil, group.isFirst {
        let removed = own.removeNewer(than: checkpoint)
        if !removed.isEmpty {
          note(
            "the run goes back to step \(checkpoint.step): its checkpoints after that are removed (\(removed.count))")
        }
      }
      return run
    }
    let store = path.map { CheckpointStore(folder: "\($0)/checkpoints") } ?? own
    if let path {
      try refuseOther(path, isOwn: store.isSame(as: own))
      let isRun = FileManager.default.fileExists(atPath: "\(path)/config.yaml")
      guard isRun || !store.steps().isEmpty else {
        throw CheckpointError.noCheckpoint(path: path, reason: "it is neither a checkpoint nor a run directory")
      }
    }
    guard store.steps().isEmpty else { return try assemble(in: directory, from: .newest(store)) }
    note("nothing was saved in \(path ?? options.out) yet: the run starts at its beginning")
    return try assemble(in: directory, from: .beginning)
  }

  private func assemble(in directory: @autoclosure () throws -> RunDirectory?, from source: Source) throws -> Run {
    try options.validated(as: "settings")
    let device = try Device.parse(options.device, localRank: localRank, numLocalRanks: numLocalRanks)
    var warnings: [String] = []
    // What all ranks would say, the first says.
    let (note, warn) = group.isFirst ? (note, warn) : ({ _ in }, { _ in })
    func remark(_ line: String) {
      note(line)
      warnings.append(line)
    }
    func alarm(_ line: String) {
      warn(line)
      warnings.append(line)
    }
    let shape = try stepShape(from: source, remark)
    configureRuntime(device: device, saved: nil, remark)
    try refuseUnsupportedPrecision(on: device)

    let data = try RunData(options.data, seed: options.seed)
    for line in notes(on: data) { note(line) }
    let config = options.model.config(numClasses: data.train.classes.count)
    let preprocessing = options.preprocessing.applied(
      to: options.model.preset?.preprocessing ?? ImagePreprocessing(), size: config.imageSize)

    let model = VisionTransformer(config, initialization: options.model.initialization, seed: options.seed)
    if case .beginning = source, let path = options.model.weights {
      let (weights, description) = try Pretrained.weights(at: path, warn: alarm)
      for change in try model.loadPretrained(weights) { note("\(path): \(change)") }
      let former = description?.preprocessing
      for line in RunWarnings.differences(of: preprocessing, from: former, options: options) { remark(line) }
    }
    model.move(to: device)

    let trainsOnBytes = options.data.givesBytes(to: device, training: true)
    let evaluatesOnBytes = options.data.givesBytes(to: device, training: false)
    if evaluatesOnBytes, !trainsOnBytes {
      let names = options.data.augmentation.transformsOfNumbers.joined(separator: ", ")
      note("training images go to \(device) as float32, since normalised numbers are what \(names) changes")
    }
    func batchMemory() throws -> any BatchAllocator {
      device.kind == .cpu ? RecyclingAllocator() : try PinnedAllocator(for: device)
    }
    let evaluationLoader = try DataLoader(
      source: data.validation, pipeline: EvalTransform(preprocessing, asBytes: evaluatesOnBytes),
      sampler: SequentialSampler(), options: loaderOptions(training: false),
      allocator: batchMemory(), rank: group.rank, numRanks: group.size, sharing: .turns,
      onBadSample: { [note = NoteBox(note)] in note.call("\($0.path) is left out of the evaluation: \($0.reason)") })
    var trainOptions = loaderOptions(training: true)
    trainOptions.batchSize = shape.batchSize
    let loader = try DataLoader(
      source: data.train,
      pipeline: try options.data.augmentation.pipeline(preprocessing, asBytes: trainsOnBytes),
      sampler: options.data.augmentation.sampler(seed: options.seed),
      options: trainOptions, allocator: batchMemory(), rank: group.rank, numRanks: group.size,
      onBadSample: { [note = NoteBox(note)] in note.call("\($0.path) is left out: \($0.reason)") })
    let step = stepOptions(shape)
    try requireSteps(step, numBatches: loader.numBatches)
    let stepsPerEpoch = step.numSteps(ofBatches: loader.numBatches)
    let schedule = options.schedule.options.schedule(
      base: options.training.lr, length: options.training.scheduledLength(stepsPerEpoch: stepsPerEpoch))
    let advice = RunWarnings(
      options: options, shape: shape, numTrain: data.train.count, numBatches: loader.numBatches,
      stepsPerEpoch: stepsPerEpoch, schedule: schedule)
    for line in advice.lines { remark(line) }
    let layers = options.training.layerDecay.map {
      LayerDecay($0, numBlocks: config.depth, minScale: options.training.layerDecayMinScale ?? 0)
    }
    let groups = ParameterGroups.of(
      model, exemptingFromDecay: options.training.exemptFromDecay, learningRateScale: { layers?.scale(of: $0) ?? 1 },
      block: options.parallel.zero > 1 ? VisionTransformer.block : { _ in "" },
      numShards: options.parallel.zero > 0 ? group.size : 1)
    let ranks = DataParallel(group, module: model, groups: groups, options: options.parallel)
    let optimizer = options.optimizer.options.makeOptimizer(ranks.groups)
    try requireShards(of: optimizer, device: device)
    let task = ClassificationTask(
      model, classes: data.train.classes, loss: options.training.classificationLoss)
    let parts = Trainer.Parts(
      task: task,
      description: ModelDescription(
        name: options.model.name, config: config, classes: data.train.classes, preprocessing: preprocessing),
      data: data.description(of: options),
      optimizer: optimizer,
      average: options.training.ema.map { WeightAverage(model, groups: ranks.groups, options: $0) },
      scaler: options.precision == .float16
        ? LossScaler(options.training.lossScale ?? .init(), device: device) : nil,
      schedule: schedule, loader: loader,
      mixing: options.training.mixing.map { BatchMixing($0, seed: options.seed) },
      evaluator: Evaluator(
        loader: evaluationLoader, device: device, autocast: options.precision.autocast, group: group),
      device: device, ranks: ranks,
      step: step, config: OptionsEncoder.encode(options).yaml)
    func take(_ checkpoint: SavedCheckpoint) throws -> Run.Resumption {
      let (state, changes) = try Trainer.restore(parts, from: checkpoint)
      return (checkpoint, state, changes)
    }
    let resumption: Run.Resumption? =
      switch source {
      case .beginning: nil
      case .checkpoint(let checkpoint): try take(checkpoint)
      case .newest(let store):
        try store.newestWhole(passedOver: { alarm("a damaged checkpoint is passed over: \($0)") }, take)
      }
    if let resumption {
      configureRuntime(device: device, saved: resumption.state.runtime, remark)
      let former = try? OptionsLoader.load(RunOptions.self, yaml: resumption.state.config)
      let changes = former.map { RunSettings.differences(from: $0, to: options) } ?? []
      if !changes.isEmpty { remark("the run resumes with changed settings: \(changes.joined(separator: "; "))") }
      for line in resumption.changes { remark(line) }
    }
    try requireEqualStart(parts, step: resumption?.state.step ?? 0)
    return try Run(
      parts: parts, options: options, data: data, directory: directory(), resumption: resumption, warnings: warnings,
      hooks: hooks, stopRequest: stopRequest, note: note)
  }

  /// Threads and matmul backend are those of the checkpoint, so that a resumed run has the same bits.
  private func configureRuntime(device: Device, saved: TrainState.Runtime?, _ remark: (String) -> Void) {
    Runtime.usesDeterministicOperators = options.deterministic ?? (device == .cpu)
    Runtime.numThreads =
      options.threads ?? saved?.numThreads ?? AvailableProcessors.share(among: numLocalRanks)
    if let former = saved?.matmulBackend, !former.isAvailable {
      remark("the checkpoint was computed with the matmul backend \(former.rawValue), which this libtorch lacks")
    }
    MatmulBackend.current = .chosen(options.matmulBackend, trainedWith: saved?.matmulBackend, on: device)
    if let saved, saved != .current(device: device) {
      remark("the checkpoint was computed with \(saved.summary): the bits of the weights may differ from here on")
    }
  }

  private func refuseUnsupportedPrecision(on device: Device) throws {
    guard let dtype = options.precision.autocast, !supportsAutocast(to: dtype, on: device) else { return }
    let other = dtype == .float16 ? "bfloat16, or float32" : "float32"
    throw TrainingError.mismatch(
      "this libtorch (\(Runtime.torchVersion)) cannot compute a vision transformer in \(dtype) on \(device); set "
        + "precision to \(other)")
  }

  private func stepOptions(_ shape: StepShape) -> TrainStep.Options {
    var step = TrainStep.Options()
    step.accumulation = shape.accumulation
    step.accumulationTail = options.training.accumulationTail
    step.batchSize = shape.batchSize
    step.clipNorm = options.training.clipNorm
    step.seed = options.seed
    step.autocast = options.precision.autocast
    step.checkpointsActivations = options.training.activationCheckpointing
    return step
  }

  /// Where a tail is dropped, an epoch may have no step at all.
  private func requireSteps(_ step: TrainStep.Options, numBatches: Int) throws {
    guard step.numSteps(ofBatches: numBatches) == 0 else { return }
    throw OptionsError(
      source: "settings",
      issues: [
        OptionsIssue(
          path: "training.accumulation", origin: .defaults, kind: .invalid,
          message: "is \(step.accumulation), but an epoch has \(numBatches) batches, and "
            + "training.accumulation_tail drops what does not fill a step; accumulate fewer")
      ])
  }

  private func notes(on data: RunData) -> [String] {
    var lines: [String] = []
    if data.isSplitOnTheFly {
      let rule = options.data.splitRule == .exact ? "by seed \(options.seed)" : "by name"
      lines.append(
        "\(options.data.path) has no validation split: its images are split \(options.data.split) \(rule), "
          + "\(data.train.count) to train on and \(data.validation.count) to evaluate on")
    } else if options.data.splitRule != .exact {
      lines.append(
        "data.split_rule is \(options.data.splitRule.rawValue), but \(options.data.path) is split already: for that "
          + "rule split the images with 'vitrail data split --rule \(options.data.splitRule.rawValue)'")
    }
    lines += data.notes
    return lines
  }
}

/// Lets loader threads report a line; notes are written one at a time by their sinks.
struct NoteBox: @unchecked Sendable {
  let call: (String) -> Void
  init(_ call: @escaping (String) -> Void) { self.call = call }
}

extension TrainState.Runtime {
  /// libtorch, threads, matmul backend and device in one line.
  var summary: String {
    "libtorch \(torchVersion), \(numThreads) threads, matmul backend \(matmulBackend.rawValue), on \(device)"
  }
}
