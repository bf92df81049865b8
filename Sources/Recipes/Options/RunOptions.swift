public import Optim
public import Parallelism
public import Settings
public import Torch

/// Everything that a run can be told: the root of a recipe.
///
/// ```swift
/// var options = RunOptions()
/// options.data.path = "photos"
/// options.out = "runs/photos"
/// let end = try RunBuilder(options).build().train()
/// ```
public struct RunOptions: Validatable, Equatable {
  /// What the model computes in.
  public enum Precision: String, Codable, Sendable, CaseIterable {
    /// Everything in float32.
    case float32
    /// The operators that gain from it in bfloat16, weights and losses in float32.
    case bfloat16
    /// The same in float16, whose narrow range needs a scaled loss.
    case float16

    var autocast: DType? {
      switch self {
      case .float32: nil
      case .bfloat16: .bfloat16
      case .float16: .float16
      }
    }
  }

  /// The run directory.
  public var out = "runs/vitrail"
  /// Decides first weights, order, augmentation and dropout.
  public var seed: UInt64 = 0
  /// Whether operators take their deterministic variants, where they have one: some of a GPU's are slower. If left out,
  /// on the CPU, where they cost nothing.
  public var deterministic: Bool?
  /// `cpu`, `cuda`, `cuda:1`, or `auto`: a GPU where there is one.
  public var device = "auto"
  /// What the model computes in.
  public var precision = Precision.float32
  /// Threads that one operator may use; what this process may use if left out.
  public var threads: Int?
  /// The library of float32 matrix products on the CPU; `auto` chooses by a rule, `fastest` by a race.
  public var matmulBackend = MatmulBackend.Choice.auto
  /// The images.
  public var data = DataOptions()
  /// The model.
  public var model = ModelOptions()
  /// What the model expects of an image.
  public var preprocessing = PreprocessingOptions()
  /// Changes weights by their gradients.
  public var optimizer = Tagged<OptimizerRegistry>(AdamW.Options())
  /// The learning rate over the run.
  public var schedule = Tagged<ScheduleFamily>(CosineCurve())
  /// How long and how it trains.
  public var training = TrainingOptions()
  /// How processes that train together share the work.
  public var parallel = DataParallel.Options()
  /// What it keeps.
  public var checkpoint = CheckpointOptions()

  /// The defaults; `data.path` has to be given.
  public init() {}

  /// Reports values out of range, and broken rules between sections.
  public func validate(_ issues: inout IssueCollector) {
    issues.check(!out.isEmpty, "out", found: "nothing", "the folder of the run")
    if let threads { issues.check("threads", threads, in: 1...4096) }
    issues.check(
      matmulBackend.isAvailable, "matmul_backend", found: matmulBackend.rawValue, "a library that this libtorch has")
    issues.check(
      training.lossScale == nil || precision == .float16, "training.loss_scale", found: "a rule for the loss's factor",
      "null without precision: float16", related: ["precision"])
    // A first step that is skipped would be taken for one that has filled the momentum.
    if precision == .float16, let sgd = optimizer.options as? SGD.Options {
      issues.check(
        sgd.dampening == 0, "optimizer.dampening", found: sgd.dampening, "0 with precision: float16",
        related: ["precision"])
    }
    validateSchedule(&issues)
  }

  /// What the settings alone tell of a schedule that does not fit the run; `RunWarnings` says what the data tell.
  private func validateSchedule(_ issues: inout IssueCollector) {
    guard let epochs = training.epochs ?? (training.maxSteps == nil ? TrainingOptions.defaultEpochs : nil) else {
      let steps = training.maxSteps ?? 0
      issues.check(
        schedule.warmupSteps < steps, "schedule.warmup_steps", found: schedule.warmupSteps,
        "less than training.max_steps (\(steps))", related: ["training.max_steps"])
      if schedule.unit == .step { checkMarks(before: steps, "training.max_steps", &issues) }
      return
    }
    issues.check(
      schedule.warmupEpochs < Double(epochs), "schedule.warmup_epochs", found: schedule.warmupEpochs,
      "less than training.epochs (\(epochs))", related: ["training.epochs"])
    if schedule.unit == .epoch { checkMarks(before: epochs, "training.epochs", &issues) }
  }

  /// A count that lies behind the end is likely one in another unit.
  private func checkMarks(before end: Int, _ key: String, _ issues: inout IssueCollector) {
    let curve = schedule.options.curve
    let warmup = schedule.unit == .epoch ? Int(exactly: schedule.warmupEpochs) ?? 0 : schedule.warmupSteps
    let counted = curve.warmupPrefix && warmup > 0 ? end - warmup : end
    let less = counted < end ? " less the warm-up (\(counted))" : " (\(end))"
    for mark in curve.marks {
      issues.check(
        mark.value < counted, "schedule.\(mark.key)", found: mark.value,
        "\(schedule.unit.rawValue)s before the end: less than \(key)\(less)", related: [key, "schedule.unit"])
    }
  }
}

/// What a run keeps on disk.
public struct CheckpointOptions: Validatable, Equatable {
  /// How many of the newest checkpoints are kept; `best` is kept besides.
  public var keep = 3
  /// Saves at the end of every so many epochs.
  public var everyEpochs = 1
  /// Saves after every so many steps as well.
  public var everySteps: Int?
  /// Copies what is saved and writes it while training goes on; otherwise training waits for the disk.
  public var asynchronous = true

  /// Each epoch, the newest three, in the background.
  public init() {}

  /// Reports values out of range.
  public func validate(_ issues: inout IssueCollector) {
    issues.check("keep", keep, atLeast: 1)
    issues.check("every_epochs", everyEpochs, atLeast: 1)
    if let everySteps { issues.check("every_steps", everySteps, atLeast: 1) }
  }
}
