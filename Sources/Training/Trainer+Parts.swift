public import Dataset
public import Optim
public import Parallelism
public import Torch

extension Trainer {
  /// What can be set of the loop.
  public struct Options: Sendable {
    /// Epochs of the run.
    public var numEpochs = 1
    /// Ends the run after so many optimizer steps.
    public var maxSteps: Int?
    /// Evaluates at the end of every so many epochs, and at the end of the run.
    public var evaluateEveryEpochs = 1
    /// Saves at the end of every so many epochs, and at the end of the run.
    public var saveEveryEpochs = 1
    /// Saves after every so many steps as well.
    public var saveEverySteps: Int?
    /// How many of the newest checkpoints are kept; `best` is kept besides.
    public var numKept = 3
    /// Writes a copy of what is saved in the background, while training goes on; otherwise training waits.
    public var savesInBackground = true
    /// Steps whose numbers are read from the device at once, while a later step runs: the larger, the more rarely the
    /// host looks. Events of steps come when their numbers do.
    public var readEverySteps = 1
    /// Ends the run when evaluations no longer improve.
    public var earlyStopping: EarlyStopping.Options?
    /// What the device can do at best, in FLOP/s; without it no utilisation is reported.
    public var peakSpeed: Double?

    /// One epoch.
    public init() {}

    /// Optimizer steps of the whole run.
    public func totalSteps(stepsPerEpoch: Int) -> Int {
      let (product, overflows) = numEpochs.multipliedReportingOverflow(by: stepsPerEpoch)
      return min(maxSteps ?? .max, overflows ? .max : product)
    }
  }

  /// The parts of a run.
  public struct Parts {
    /// What is learnt, with the model on its device.
    public var task: any TrainingTask
    /// What a checkpoint says of the model.
    public var description: ModelDescription
    /// What a checkpoint says of the images.
    public var data: DataDescription
    /// Trains the model's parameters.
    public var optimizer: any Optimizer
    /// The average of the weights, if any. Evaluations and `best` take it.
    public var average: WeightAverage?
    /// Multiplies the loss for the backward pass, for float16; on the model's device.
    public var scaler: LossScaler?
    /// The learning rate by step.
    public var schedule: Schedule
    /// The samples to train on.
    public var loader: DataLoader
    /// Mixes the samples of each training batch with one another; nil leaves them as they are.
    public var mixing: BatchMixing?
    /// Scores on the validation set; nil where there is none.
    public var evaluator: Evaluator?
    /// Where the model is.
    public var device: Device
    /// The ranks that share each batch; `step.batchSize` and the loader's are those of all.
    public var ranks: DataParallel
    /// How a step is made.
    public var step: TrainStep.Options
    /// The resolved settings as YAML.
    public var config: String

    /// The parts of a run.
    public init(
      task: any TrainingTask, description: ModelDescription, data: DataDescription, optimizer: any Optimizer,
      average: WeightAverage?, scaler: LossScaler? = nil, schedule: Schedule, loader: DataLoader,
      mixing: BatchMixing? = nil, evaluator: Evaluator?, device: Device, ranks: DataParallel = .alone,
      step: TrainStep.Options, config: String
    ) {
      self.task = task
      self.description = description
      self.data = data
      self.optimizer = optimizer
      self.average = average
      self.scaler = scaler
      self.schedule = schedule
      self.loader = loader
      self.mixing = mixing
      self.evaluator = evaluator
      self.device = device
      self.ranks = ranks
      self.step = step
      self.config = config
    }

    /// Optimizer steps of an epoch.
    public var stepsPerEpoch: Int { step.numSteps(ofBatches: loader.numBatches) }
  }

  /// A step that was made, and whose numbers were not read yet.
  struct MadeStep {
    let outcome: TrainStep.Outcome
    let learningRate: Double
    let seconds: Double
    let waiting: Double
    /// Where the loader stood after it.
    let loader: LoaderState
  }
}
