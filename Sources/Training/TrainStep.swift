// One optimizer step: forward and backward over one or more batches, scaling, clipping, the update, the average.
import KeyedRandom
import NN
public import Optim
public import Parallelism
public import Torch

/// Changes the weights once by the gradients of some batches. Every line that touches a gradient or a weight is here.
/// Nothing waits for the device.
public final class TrainStep {
  /// What can be set.
  public struct Options: Sendable {
    /// Batches of a step.
    public var accumulation = 1
    /// What becomes of fewer batches at the end of an epoch.
    public var accumulationTail = AccumulationTail.step
    /// Samples of a whole batch, over all data ranks.
    public var batchSize = 1
    /// The largest norm of all gradients; nil leaves them as they are.
    public var clipNorm: Double?
    /// Decides what dropout and stochastic depth drop, with the number of the step, the layer, and the sample's place in
    /// the step.
    public var seed: UInt64 = 0
    /// The 16-bit type that operators which gain from it compute in; nil computes all in float32.
    public var autocast: DType?
    /// Whether blocks keep only their input for the backward pass, which computes them again: less memory, the same bits,
    /// and a third more operations.
    public var checkpointsActivations = false

    /// One batch, no clipping, float32.
    public init() {}

    /// Steps of an epoch of `numBatches` batches.
    public func numSteps(ofBatches numBatches: Int) -> Int {
      accumulationTail.numSteps(ofBatches: numBatches, accumulation: accumulation)
    }
  }

  /// The options.
  public let options: Options
  private let task: any TrainingTask
  private let optimizer: any Optimizer
  private let average: WeightAverage?
  private let scaler: LossScaler?
  private let device: Device
  private let ranks: DataParallel
  /// 1 from the first step on that was not finite and from which no smaller loss scale recovers: whatever steps are made
  /// until the host knows, the weights stay those before it.
  private let halted: Tensor

  /// A step of a task, the parameters of whose module `optimizer` trains.
  /// - Parameters:
  ///   - average: an average of the weights that follows each step.
  ///   - scaler: multiplies the loss for the backward pass, for float16; on `device`.
  ///   - ranks: those that share the step, over the optimizer's groups.
  public init(
    _ task: any TrainingTask, optimizer: any Optimizer, average: WeightAverage? = nil, scaler: LossScaler? = nil,
    device: Device, ranks: DataParallel = .alone, options: Options
  ) {
    self.task = task
    self.optimizer = optimizer
    self.average = average
    self.scaler = scaler
    self.options = options
    self.device = device
    self.ranks = ranks
    halted = .zeros([], device: device)
  }

  /// Makes a step from the next batches; nil when there is none left.
  ///
  /// The loss is the mean over all samples of the step, whatever the number of batches and of ranks and their sizes. Where
  /// it, or the gradients' norm, is not finite, the weights stay as they are; the outcome tells. An average of the weights
  /// moves all the same, towards the weights that stay.
  ///
  /// A step that throws has changed nothing but the gradients, which are 0 again; on the CPU also where memory runs out, at
  /// any place. On another device memory that runs out in the optimizer's own operators may leave weights changed in part, and
  /// so may a rank that is lost while others step their slices (`DataParallel.Options.zero`): go on from a checkpoint then.
  /// - Parameters:
  ///   - number: the number of the step in the run, counted from 0.
  ///   - isStopWanted: whether this rank wants the run to end, for all ranks to learn.
  ///   - nextBatch: this rank's part of the next batch, which may be empty; nil on all ranks alike where there is none.
  /// - Throws: `TorchError`, `CollectiveError`, and what `nextBatch` throws.
  public func callAsFunction(
    _ number: Int, learningRate: Double, isStopWanted: Bool = false, nextBatch: () throws -> DeviceBatch?
  ) throws -> Outcome? {
    let random = KeyedRandom(seed: options.seed).child("step").child(number)
    var sums = StateDict()
    var files: [String] = []
    do {
      var isEmpty = true
      try recovering { ranks.beginStep() }
      for place in 1...options.accumulation {
        guard let batch = try nextBatch() else { break }
        isEmpty = false
        files += batch.paths
        // A shorter step at the end of an epoch is reduced behind its last pass, not during it.
        try recovering {
          ranks.beginPass(isLast: place == options.accumulation)
          if batch.count > 0 { backward(batch, random, into: &sums) }
          try ranks.endPass(hasSamples: batch.count > 0)
        }
      }
      guard !isEmpty else { return nil }
      let samples = try agree(&sums, numSamples: files.count, isStopWanted: isStopWanted)
      let update = try recovering { withoutGrad { computeUpdate(of: sums, samples: samples) } }
      try recovering { try withoutGrad { try make(update, learningRate: learningRate) } }
      return Outcome(
        sums: sums, gradientNorm: update.norm, lossScale: update.lossScale, samples: samples, files: files)
    } catch {
      // Gradients of a part of a step are of no use. The error itself goes on.
      try? recovering { optimizer.zeroGrad() }
      throw error
    }
  }

  /// All that a step needs to change what it changes, computed before anything is.
  private struct Update {
    let norm: Tensor
    let lossScale: Tensor?
    /// By which the gradients are to be divided.
    let divisor: Tensor?
    let foundInf: Tensor
    let halted: Tensor
    let scaling: LossScaler.Change?
  }

  /// Samples of a step that is whole.
  private var wholeStep: Int { options.batchSize * options.accumulation }

  /// Makes of this rank's sums and gradients those of all.
  private func agree(_ sums: inout StateDict, numSamples: Int, isStopWanted: Bool) throws -> Outcome.Samples {
    guard ranks.group.size > 1 else { return .known(numSamples) }
    return try recovering {
      // In this order on every rank: one with samples has begun with its gradients long before.
      try withSpan("reduce") { try ranks.reduceGradients() }
      let agreed = try ranks.agree(sums, numSamples: numSamples, flag: isStopWanted, device: device)
      sums = agreed.sums
      return .agreed(count: agreed.numSamples, stops: agreed.flag)
    }
  }

  /// Adds the gradients of the batch's part in the mean over a whole step, and its sums.
  private func backward(_ batch: DeviceBatch, _ random: KeyedRandom, into sums: inout StateDict) {
    var context = ForwardContext.training(random)
    context.firstSample = batch.index % options.accumulation * options.batchSize + batch.places.first
    context.sampleStride = batch.places.step
    context.autocast = options.autocast
    context.checkpointsActivations = options.checkpointsActivations
    context.blockMemory = ranks.blockMemory
    let output = task.loss(batch, context)
    let share = Double(batch.count) / Double(wholeStep)
    let part = share == 1 ? output.loss : output.loss * share
    withSpan("backward") { (scaler?.scaled(part) ?? part).backward() }
    withoutGrad {
      let ofBatch = [("loss", output.loss.detach() * Double(batch.count))] + output.sums.map { ($0.key, $0.value) }
      for (name, sum) in ofBatch { sums[name] = sums[name].map { $0 + sum } ?? sum }
    }
  }

  private func computeUpdate(of sums: StateDict, samples: Outcome.Samples) -> Update {
    // The gradients are those of a mean over a whole step, times the loss scale; a shorter step has the mean over its own
    // samples. What makes them right is one number, by which the optimizer divides.
    let lossScale = scaler?.scale.clone()
    var divisor = lossScale
    switch samples {
    case .known(let count):
      let tail = Double(count) / Double(wholeStep)
      divisor = lossScale.map { $0 * tail } ?? (tail == 1 ? nil : .full([], tail, device: device))
    case .agreed(let count, _):
      // Where every sample was bad, on every rank, nothing is divided by nothing.
      let tail = (count.clamped(min: 1) / Double(wholeStep)).to(.float32)
      divisor = lossScale.map { $0 * tail } ?? tail
    }
    let held = GradientClipping.globalNorm(optimizer.groups)
    let norm = divisor.map { held / $0 } ?? held
    if let clipNorm = options.clipNorm {
      let clipping = GradientClipping.divisor(norm: norm, maxNorm: clipNorm)
      divisor = divisor.map { $0 * clipping } ?? clipping
    }
    let isFinite = sums["loss"].map { $0.isFinite().logicalAnd(norm.isFinite()) } ?? norm.isFinite()
    var foundInf = isFinite.logicalNot().to(.float32)
    let canRecover = scaler.map { $0.scale.isGreater(than: $0.minimum).to(.float32) }
    let halting = (halted + (canRecover.map { foundInf * (1 - $0) } ?? foundInf)).clamped(max: 1)
    foundInf = (foundInf + halting).clamped(max: 1)
    divisor = (divisor?.to(.float32)).map(ranks.forStep)
    let skips = ranks.forStep(foundInf)
    optimizer.prepare(gradientDivisor: divisor, foundInf: skips)
    return Update(
      norm: norm, lossScale: lossScale, divisor: divisor, foundInf: skips, halted: halting,
      scaling: scaler?.next(foundInf: foundInf))
  }

  /// Takes no memory on the CPU: what could fail is behind it, but for exchanges between ranks.
  private func make(_ update: Update, learningRate: Double) throws {
    try ranks.prepareStep()
    halted.copy_(update.halted)
    withSpan("optimizer") {
      optimizer.step(learningRate: learningRate, gradientDivisor: update.divisor, foundInf: update.foundInf)
    }
    if ranks.gathersValues { try withSpan("gather", ranks.gatherValues) }
    if let scaling = update.scaling { scaler?.update(to: scaling) }
    optimizer.zeroGrad()
    average?.update()
  }
}

/// What becomes of the last batches of an epoch where they are fewer than a step accumulates.
public enum AccumulationTail: String, Codable, Sendable, CaseIterable {
  /// They make a step of their own, whose gradient is the mean over their samples.
  case step
  /// They are read and thrown away, as Colossal-AI's accumulating loader does: 22 batches at 16 a step are one step.
  case drop

  /// Optimizer steps that `numBatches` batches make.
  public func numSteps(ofBatches numBatches: Int, accumulation: Int) -> Int {
    switch self {
    case .step: (numBatches + accumulation - 1) / accumulation
    case .drop: numBatches / accumulation
    }
  }
}
