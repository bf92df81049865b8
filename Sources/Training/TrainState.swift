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
    /// The task's primary metric.
    public var metric: Metric
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
  /// Sums over the samples of the epoch under way by name: `loss`, and what the task counts beside it.
  public var epochSums: [String: Double] = [:]
  /// The samples trained on in the epoch under way; those of a float16 step whose loss overflowed are in no sum.
  public var epochNumSamples = 0
  /// The steps of the epoch under way that changed nothing because float16 overflowed.
  public var epochNumSkipped = 0
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
  /// The ranks that shared the steps.
  public var numRanks = 1
  /// The samples of a step that is whole, over all ranks; nil in a state that does not say.
  public var stepSize: Int?
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
  /// The beginning of a run.
  init(
    loader: LoaderState, optimizer: OptimizerState.Scalars, runtime: Runtime, model: ModelDescription,
    data: DataDescription, config: String
  ) {
    self.loader = loader
    self.optimizer = optimizer
    self.runtime = runtime
    self.model = model
    self.data = data
    self.config = config
  }

  /// Reads a state of this or another version: what it lacks has its value of the beginning of a run, what is unknown is
  /// passed over. Where the run stands, its model and its data have to be there.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      loader: try values.decode(LoaderState.self, forKey: .loader),
      optimizer: try values.decode(OptimizerState.Scalars.self, forKey: .optimizer),
      runtime: try values.decode(Runtime.self, forKey: .runtime),
      model: try values.decode(ModelDescription.self, forKey: .model),
      data: try values.decode(DataDescription.self, forKey: .data),
      config: try values.decodeIfPresent(String.self, forKey: .config) ?? "")
    step = try values.decode(Int.self, forKey: .step)
    epoch = try values.decode(Int.self, forKey: .epoch)
    endedStep = try values.decodeIfPresent(Int.self, forKey: .endedStep) ?? endedStep
    epochSums = try values.decodeIfPresent([String: Double].self, forKey: .epochSums) ?? epochSums
    epochNumSamples = try values.decodeIfPresent(Int.self, forKey: .epochNumSamples) ?? epochNumSamples
    epochNumSkipped = try values.decodeIfPresent(Int.self, forKey: .epochNumSkipped) ?? epochNumSkipped
    badValidationSamples = try values.decodeIfPresent([BadSample].self, forKey: .badValidationSamples)
    best = try values.decodeIfPresent(Best.self, forKey: .best)
    earlyStopping = try values.decodeIfPresent(EarlyStopping.State.self, forKey: .earlyStopping)
    averageUpdates = try values.decodeIfPresent(Int.self, forKey: .averageUpdates)
    numRanks = try values.decodeIfPresent(Int.self, forKey: .numRanks) ?? numRanks
    stepSize = try values.decodeIfPresent(Int.self, forKey: .stepSize)
    seconds = try values.decodeIfPresent(Double.self, forKey: .seconds) ?? seconds
  }

  /// The mean loss of the samples of the epoch under way.
  var epochMeanLoss: Double { (epochSums["loss"] ?? 0) / Double(max(1, epochNumSamples)) }

  /// Adds a step to the sums of the epoch.
  mutating func add(_ numbers: TrainStep.Outcome.Numbers) {
    if !numbers.isFinite { epochNumSkipped += 1 }
    guard numbers.loss.isFinite else { return }
    epochSums.merge(numbers.sums, uniquingKeysWith: +)
    epochNumSamples += numbers.numSamples
  }

  /// Starts the sums of an epoch.
  mutating func startEpochSums() {
    epochSums = [:]
    epochNumSamples = 0
    epochNumSkipped = 0
  }

  /// Takes an evaluation at the end of the epoch under way as the best, if it is: the better metric, of equals the lower
  /// loss; what is no number is worse than any.
  mutating func takeIfBest(_ evaluation: EvaluationReport, by primary: PrimaryMetric) -> Bool {
    func rank(_ value: Double, _ loss: Double) -> (Double, Double) {
      let height = primary.isHigherBetter ? value : -value
      return (height.isNaN ? -.infinity : height, loss.isNaN ? -.infinity : -loss)
    }
    let value = evaluation[primary.name] ?? .nan
    if let best, best.metric.name == primary.name,
      rank(best.metric.value, best.loss) >= rank(value, evaluation.loss)
    {
      return false
    }
    best = Best(step: step, epoch: epoch + 1, metric: Metric(primary.name, value), loss: evaluation.loss)
    return true
  }
}
