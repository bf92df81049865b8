public import Dataset
public import Optim
public import Torch

/// What a run needs to resume as if it had never stopped, apart from tensors.
public struct TrainState: Codable, Sendable {
  /// The best evaluation so far.
  public struct Best: Codable, Sendable, Equatable {
    /// The number of optimizer steps made.
    public var step: Int
    /// The epoch, counted from 1.
    public var epoch: Int
    /// The share of right first guesses, in percent.
    public var top1: Double
    /// The mean loss.
    public var loss: Double
  }

  /// What the bits of the weights depend on besides seeds and data.
  public struct Runtime: Codable, Sendable, Equatable {
    /// libtorch's version.
    public var torchVersion: String
    /// Threads of an operator.
    public var numThreads: Int
    /// The backend of float32 products on the CPU.
    public var matmulBackend: MatmulBackend
    /// The kind of device.
    public var device: String

    /// The runtime in force, for a run on `device`.
    public static func current(device: Device) -> Runtime {
      Runtime(
        torchVersion: Torch.Runtime.torchVersion, numThreads: Torch.Runtime.numThreads,
        matmulBackend: .current, device: device.kind.rawValue)
    }
  }

  /// Optimizer steps made.
  public var step = 0
  /// Epochs finished.
  public var epoch = 0
  /// The step at which an epoch was last ended: evaluated, and reported.
  public var endedStep = 0
  /// Where the loader stands.
  public var loader: LoaderState
  /// The sum of the samples' losses in the epoch under way.
  public var epochLossSum = 0.0
  /// The samples trained on in the epoch under way; those of a float16 step whose loss overflowed are in no sum.
  public var epochNumSamples = 0
  /// The right first guesses in the epoch under way; a mixed sample counts by its weights. Nil in an epoch that a version
  /// began which did not count them.
  public var epochNumRight: Double? = 0
  /// The steps of the epoch under way that changed nothing because float16 overflowed.
  public var epochNumSkipped: Int? = 0
  /// The validation samples that could not be read.
  public var badValidationSamples: [BadSample]?
  /// The best evaluation so far.
  public var best: Best?
  /// What early stopping goes by, where it is on.
  public var earlyStopping: EarlyStopping.State?
  /// The optimizer's numbers; its tensors stand in `optimizer.safetensors`.
  public var optimizer: OptimizerState.Scalars
  /// Updates of the average of the weights, where there is one.
  public var averageUpdates: Int?
  /// Seconds trained, over all starts of the run.
  public var seconds = 0.0
  /// What the bits depend on.
  public var runtime: Runtime
  /// The model.
  public var model: ModelDescription
  /// The images.
  public var data: DataDescription
  /// The resolved settings as YAML.
  public var config: String
}

extension TrainState {
  /// The mean loss of the samples of the epoch under way.
  var epochMeanLoss: Double { epochLossSum / Double(max(1, epochNumSamples)) }

  /// The share of right first guesses in the epoch under way, in percent; nil where a part of it was not counted.
  var epochTop1: Double? { epochNumRight.map { 100 * $0 / Double(max(1, epochNumSamples)) } }

  /// Adds a step to the sums of the epoch.
  mutating func add(_ numbers: TrainStep.Outcome.Numbers, numSamples: Int) {
    if !numbers.isFinite { epochNumSkipped = (epochNumSkipped ?? 0) + 1 }
    guard numbers.loss.isFinite else { return }
    epochLossSum += numbers.loss * Double(numSamples)
    epochNumSamples += numSamples
    epochNumRight = epochNumRight.map { $0 + numbers.numRight }
  }

  /// Starts the sums of an epoch.
  mutating func startEpochSums() {
    epochLossSum = 0
    epochNumSamples = 0
    epochNumRight = 0
    epochNumSkipped = 0
  }
}
