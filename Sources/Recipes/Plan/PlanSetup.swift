import Dataset
import Parallelism
import Settings
public import Training
public import VisionModels

/// What a plan is made of. Sizes are those of one data-parallel rank unless said otherwise.
public struct PlanSetup: Sendable {
  /// Which operators compute: they keep different things for the backward pass.
  public enum Kernels: String, Sendable {
    /// Attention by explicit products, whose weights are kept; dropout by a kernel of its own.
    case cpu
    /// Attention by libtorch's fused operator, which keeps one number a row; dropout masks made by single operators.
    case gpu
  }

  /// The preset's name.
  public var modelName: String
  /// The model's shape, with its classes.
  public var config: ViTConfig
  /// Whether the position embedding is trained.
  public var trainsPositions = true
  /// What the model computes in.
  public var precision: RunOptions.Precision
  /// Which operators compute.
  public var kernels = Kernels.gpu
  /// Images of one forward pass.
  public var batchSize: Int
  /// Forward and backward passes of a step.
  public var accumulation: Int
  /// What becomes of fewer passes at the end of an epoch.
  public var accumulationTail = AccumulationTail.step
  /// Whether a last batch that is not full is left out.
  public var dropLast = false
  /// Whether blocks keep only their input, and are computed again in the backward pass (Chen et al. 2016,
  /// arXiv:1604.06174).
  public var checkpointsActivations = false
  /// The optimizer's state.
  public var optimizerState: OptimizerStateSize
  /// Whether an average of the weights is kept.
  public var hasAverage = false
  /// Whether the optimizer's state is in the host's memory.
  public var offloadsOptimizer = false
  /// Batches made ahead of the one in use, in memory of the host.
  public var prefetch = 4
  /// Data-parallel ranks.
  public var worldSize: Int
  /// What they share out.
  public var zero: ZeROStage
  /// Places of an epoch: training images, or what repeated augmentation makes of them.
  public var numSamples: Int
  /// Passes over them; nil where `maxSteps` alone decides.
  public var numEpochs: Int?
  /// The largest number of steps.
  public var maxSteps: Int?
  /// Bytes that a rank has; nil where nobody said.
  public var memoryLimit: Double?
  /// What a rank can compute at best, in FLOP/s; nil where nobody said.
  public var peakFlops: Double?
  /// The share of the peak that training reaches.
  public var utilization = 0.3
  /// What a rank can send and receive at once, in bytes a second; nil where nobody said.
  public var bandwidth: Double?
  /// Of one message, in seconds.
  public var latency = 0.0
  /// Bytes of the pieces in which gradients and weights travel; if nil, an eighth of the gradients, but 1 MB at least and
  /// 25 at most, as in `DataParallel`.
  public var bucketBytes: Double?

  /// A plan's input by a run's settings.
  ///
  /// - Parameters:
  ///   - options: the settings.
  ///   - numClasses: classes of the data.
  ///   - numImages: training images.
  ///   - worldSize: data-parallel ranks, each with batches of `data.batch_size`.
  ///   - zero: what they share out.
  /// - Throws: `PlanError` for counts out of range, and for an optimizer whose state is not known.
  public init(
    _ options: RunOptions, numClasses: Int, numImages: Int, worldSize: Int = 1, zero: ZeROStage = .none
  ) throws(PlanError) {
    guard let state = OptimizerStateSize(options.optimizer) else {
      throw PlanError("the state of the optimizer \(options.optimizer.name) is not known to the plan")
    }
    guard (1...1_000_000).contains(worldSize) else {
      throw PlanError("--world-size takes 1 to 1000000 ranks, not \(worldSize)")
    }
    guard (1...1_000_000_000).contains(numImages) else {
      throw PlanError("--samples takes 1 to 1000000000 images, not \(numImages)")
    }
    guard (1...1_000_000).contains(numClasses) else {
      throw PlanError("--num-classes takes 1 to 1000000 classes, not \(numClasses)")
    }
    modelName = options.model.name
    config = options.model.config(numClasses: numClasses)
    trainsPositions = options.model.initialization != .mae
    precision = options.precision
    kernels = options.device == "cpu" ? .cpu : .gpu
    batchSize = options.data.batchSize
    accumulation = options.training.accumulation
    accumulationTail = options.training.accumulationTail
    dropLast = options.data.dropLast
    checkpointsActivations = options.training.activationCheckpointing
    optimizerState = state
    hasAverage = options.training.ema != nil
    offloadsOptimizer = options.parallel.offloadOptimizer
    prefetch = options.data.prefetch
    self.worldSize = worldSize
    self.zero = zero
    numSamples = options.data.augmentation.sampler(seed: 0).numPlaces(count: numImages)
    maxSteps = options.training.maxSteps
    numEpochs = options.training.epochs ?? (maxSteps == nil ? TrainingOptions.defaultEpochs : nil)
  }
}
