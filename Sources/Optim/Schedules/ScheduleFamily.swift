public import Settings

/// Every schedule that a recipe can name, in one table. `Tagged<ScheduleFamily>` is a setting that holds the options of
/// one of them.
public enum ScheduleFamily: OptionsFamily {
  /// The options of any schedule.
  public typealias Payload = any AnyScheduleOptions

  /// Names and options.
  public static var table: KeyValuePairs<String, any Validatable.Type> {
    [
      "cosine": ScheduleOptions<CosineSchedule.Options>.self,
      "cosine_restarts": ScheduleOptions<CosineRestartsSchedule.Options>.self,
      "linear": ScheduleOptions<LinearSchedule.Options>.self,
      "polynomial": ScheduleOptions<PolynomialSchedule.Options>.self,
      "multi_step": ScheduleOptions<MultiStepSchedule.Options>.self,
      "step": ScheduleOptions<StepSchedule.Options>.self,
      "exponential": ScheduleOptions<ExponentialSchedule.Options>.self,
      "one_cycle": ScheduleOptions<OneCycleSchedule.Options>.self,
      "flat_anneal": ScheduleOptions<FlatAnnealSchedule.Options>.self,
      "inverse_sqrt": ScheduleOptions<InverseSqrtSchedule.Options>.self,
      "warmup_stable_decay": ScheduleOptions<StableDecaySchedule.Options>.self,
      "constant": ScheduleOptions<ConstantSchedule.Options>.self,
    ]
  }

  /// Kept where a flag changes the type and the new one has them: `--set schedule.type=linear` leaves the warm-up alone.
  public static var sharedKeys: Set<String> {
    ["unit", "warmup_epochs", "warmup_steps", "warmup_start", "minimum"]
  }
}

extension Tagged where Family == ScheduleFamily {
  /// The settings of one kind of schedule, with its unit and warm-up.
  public init(_ shape: some ScheduleShape, timing: ScheduleTiming = ScheduleTiming()) {
    self.init(ScheduleOptions(shape, timing: timing))
  }

  /// How often the rate changes.
  public var unit: ScheduleTiming.Unit {
    get { options.timing.unit }
    set { options.timing.unit = newValue }
  }

  /// Length of the warm-up in epochs.
  public var warmupEpochs: Double {
    get { options.timing.warmupEpochs }
    set { options.timing.warmupEpochs = newValue }
  }

  /// Length of the warm-up in steps, in place of `warmupEpochs`.
  public var warmupSteps: Int {
    get { options.timing.warmupSteps }
    set { options.timing.warmupSteps = newValue }
  }

  /// Where the warm-up starts from.
  public var warmupStart: Double {
    get { options.timing.warmupStart }
    set { options.timing.warmupStart = newValue }
  }
}
