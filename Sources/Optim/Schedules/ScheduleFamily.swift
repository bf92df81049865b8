public import Settings

/// Every schedule that a recipe can name, in one table. `Tagged<ScheduleFamily>` is a setting that holds the options of
/// one of them.
public enum ScheduleFamily: OptionsFamily {
  /// The options of any schedule.
  public typealias Payload = any AnyScheduleOptions

  /// Names and options.
  public static var table: KeyValuePairs<String, any Validatable.Type> {
    [
      "cosine": ScheduleOptions<CosineCurve>.self,
      "cosine_restarts": ScheduleOptions<CosineRestartsCurve>.self,
      "linear": ScheduleOptions<LinearCurve>.self,
      "polynomial": ScheduleOptions<PolynomialCurve>.self,
      "multi_step": ScheduleOptions<MultiStepCurve>.self,
      "step": ScheduleOptions<StepCurve>.self,
      "exponential": ScheduleOptions<ExponentialCurve>.self,
      "one_cycle": ScheduleOptions<OneCycleCurve>.self,
      "flat_anneal": ScheduleOptions<FlatAnnealCurve>.self,
      "inverse_sqrt": ScheduleOptions<InverseSqrtCurve>.self,
      "warmup_stable_decay": ScheduleOptions<StableDecayCurve>.self,
      "constant": ScheduleOptions<ConstantCurve>.self,
    ]
  }

  /// Kept where a flag changes the type and the new one has them: `--set schedule.type=linear` leaves the warm-up alone.
  public static var sharedKeys: Set<String> {
    ["unit", "warmup_epochs", "warmup_steps", "warmup_start", "minimum"]
  }
}

extension Tagged where Family == ScheduleFamily {
  /// The settings of a schedule of that curve, by step and without warm-up.
  public init<Kind: Curve>(_ curve: Kind) {
    var options = ScheduleOptions<Kind>()
    options.curve = curve
    self.init(options)
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
