public import Optim
import Training
public import VisionModels

/// What a training run will take, before it is started: memory, operations, communication, time. Arithmetic on shapes;
/// nothing is computed on a device.
///
/// ```swift
/// let setup = try PlanSetup(options, numClasses: 1000, numImages: 1_281_167, worldSize: 32, zero: .optimizer)
/// let plan = try TrainingPlan(setup)
/// print(plan.memory.total, plan.globalBatch, plan.stepsPerEpoch)
/// ```
public struct TrainingPlan: Sendable {
  /// What it was made of.
  public let setup: PlanSetup
  /// Of one image.
  public let activations: ActivationMemory
  /// Floating-point operations of one image.
  public let flops: FLOPs
  /// Batches of all ranks together in an epoch.
  public let batchesPerEpoch: Int
  /// Steps, and what they add up to.
  public let length: RunLength

  /// A plan.
  /// - Throws: `PlanError` where an epoch has no step.
  public init(_ setup: PlanSetup) throws(PlanError) {
    self.setup = setup
    activations = ActivationMemory(
      setup.config, precision: setup.precision, kernels: setup.kernels, checkpointed: setup.checkpointsActivations)
    flops = FLOPs(setup.config)
    let perBatch = setup.batchSize * setup.worldSize
    batchesPerEpoch = (setup.dropLast ? setup.numSamples : setup.numSamples + perBatch - 1) / perBatch
    let steps = setup.accumulationTail.numSteps(ofBatches: batchesPerEpoch, accumulation: setup.accumulation)
    guard steps > 0 else {
      throw PlanError(
        "an epoch of \(setup.numSamples) images has no step of \(perBatch * setup.accumulation): make data.batch_size, "
          + "training.accumulation or --world-size smaller")
    }
    if let numEpochs = setup.numEpochs {
      let whole = RunLength(numEpochs: numEpochs, stepsPerEpoch: steps)
      let isCut = setup.maxSteps.map { $0 < whole.numSteps } ?? false
      length = isCut ? RunLength(numSteps: setup.maxSteps ?? 0, stepsPerEpoch: steps) : whole
    } else {
      length = RunLength(numSteps: setup.maxSteps ?? 0, stepsPerEpoch: steps)
    }
  }

  /// Trained and frozen scalars.
  public var numParameters: Int { setup.config.numParameters }

  /// Images that all ranks put into one step.
  public var globalBatch: Int { setup.batchSize * setup.accumulation * setup.worldSize }

  /// Operations of one trained image: a forward pass, twice that backward, and once more forward where activations are
  /// computed again.
  public var flopsPerImage: Double { flops.training + (setup.checkpointsActivations ? flops.forward : 0) }

  /// Operations of a whole step over all ranks.
  public var flopsPerStep: Double { flopsPerImage * Double(globalBatch) }

  /// How full the steps of an epoch are, on average: the last one takes what is left of the images.
  public var meanFill: Double {
    let images =
      switch setup.accumulationTail {
      case .drop: length.stepsPerEpoch * globalBatch
      case .step: setup.dropLast ? batchesPerEpoch * setup.batchSize * setup.worldSize : setup.numSamples
      }
    return Double(min(images, setup.numSamples)) / (Double(length.stepsPerEpoch) * Double(globalBatch))
  }

  /// Seconds of all steps, of which each takes `step` with whole batches: products for the images that there are, exchanges
  /// for every step.
  public func runSeconds(_ time: StepTime, step: Double) -> Double {
    Double(length.numSteps) * (time.compute * meanFill + step - time.compute)
  }

  /// The memory of a rank under the plan's stage.
  public var memory: RankMemory { memory(under: setup.zero) }

  /// The memory of a rank under any stage.
  public func memory(under stage: ZeROStage) -> RankMemory { RankMemory(setup, activations, stage: stage) }

  /// Whether a rank has that memory; nil where nobody said how much it has.
  public func fits(under stage: ZeROStage) -> Bool? { setup.memoryLimit.map { memory(under: stage).total <= $0 } }

  /// The largest batch of a rank that fits under a stage; nil where the limit is not known, 0 where not even one image does.
  public func largestBatch(under stage: ZeROStage) -> Int? {
    guard let limit = setup.memoryLimit else { return nil }
    func total(_ batch: Int) -> Double {
      var other = setup
      other.batchSize = batch
      return RankMemory(other, activations, stage: stage).total
    }
    // Memory grows with the batch on a straight line.
    let (one, two) = (total(1), total(2))
    guard one <= limit else { return 0 }
    return Int(min(1e9, ((limit - one) / (two - one)).rounded(.down))) + 1
  }

  /// Bytes of the host that a rank's loader holds in batches made ahead, as float32.
  public var hostBytes: Double {
    let image = Double(setup.config.inChannels) * Double(setup.config.imageSize) * Double(setup.config.imageSize) * 4
    return Double(setup.prefetch + 1) * Double(setup.batchSize) * image
  }

  /// The exchanges of a step under a stage.
  public func collectives(under stage: ZeROStage) -> [Collective] { Collective.ofStep(setup, stage: stage) }

  /// Bytes that a rank sends in a step under a stage, around rings.
  public func bytesSent(under stage: ZeROStage) -> Double {
    collectives(under: stage).reduce(0) {
      $0 + $1.bytesSent(.ring, ranks: setup.worldSize) * Double($1.callsPerStep)
    }
  }

  /// The time of a step under a stage; nil where the peak is not known.
  public func time(under stage: ZeROStage) -> StepTime? {
    StepTime(
      setup, flopsPerImage: flopsPerImage, backwardShare: (flopsPerImage - flops.forward) / flopsPerImage, stage: stage)
  }
}
