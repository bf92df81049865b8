import NN
public import Optim
public import Settings
public import Training

/// How long and how a run trains.
public struct TrainingOptions: Validatable, Equatable {
  /// The losses that there are.
  public enum Loss: String, Codable, Sendable, CaseIterable {
    /// One choice among all classes.
    case crossEntropy = "cross_entropy"
    /// Each class by itself.
    case binaryCrossEntropy = "binary_cross_entropy"
  }

  /// Passes over the training images where neither they nor the steps are given.
  public static let defaultEpochs = 100

  /// Passes over the training images; if left out, as many as `maxSteps` needs, else 100. The schedule spans them.
  public var epochs: Int?
  /// Ends the run after so many optimizer steps. Beside `epochs` it cuts the run and leaves the schedule as it is; alone
  /// it is the length of the schedule too.
  public var maxSteps: Int?
  /// The highest learning rate; the schedule leads to and from it.
  public var lr = 1e-3
  /// Gradient accumulation: batches per step.
  public var accumulation = 1
  /// What becomes of fewer batches at the end of an epoch.
  public var accumulationTail = AccumulationTail.step
  /// Whether blocks keep only their input for the backward pass, which computes them again (Chen et al. 2016,
  /// arXiv:1604.06174). The weights are the same to the bit.
  public var activationCheckpointing = false
  /// The largest norm of all gradients; none if left out.
  public var clipNorm: Double?
  /// How much of each target is spread over all classes.
  public var labelSmoothing = 0.0
  /// What is made small.
  public var loss = Loss.crossEntropy
  /// In binary cross-entropy, targets above it become 1 and all others 0; taken as they are if left out.
  public var binaryTargetThreshold: Double?
  /// Whether binary cross-entropy is summed over the classes of a sample, not averaged.
  public var binarySumClasses = false
  /// Mixes the samples of each batch with one another.
  public var mixing: BatchMixing.Options?
  /// The factor of the loss in float16; PyTorch's rule if left out.
  public var lossScale: LossScaler.Options?
  /// Keeps weight decay from biases, norms, tokens and positions.
  public var exemptFromDecay = true
  /// Layer-wise decay of the learning rate: by what it falls from each layer to the one before it; not if left out.
  public var layerDecay: Double?
  /// The smallest scale of a rate under `layerDecay`; none if left out.
  public var layerDecayMinScale: Double?
  /// An average of the weights that follows the training; evaluation and `best` take it.
  public var ema: WeightAverage.Options?
  /// Evaluates at the end of every so many epochs.
  public var evaluateEveryEpochs = 1
  /// Steps whose numbers are read from the device at once. Records of all steps are written all the same.
  public var readEverySteps = 1
  /// Ends the run when evaluations no longer improve.
  public var earlyStopping: EarlyStopping.Options?
  /// Records some steps for a browser's trace viewer.
  public var profile: ProfilerHook.Options?
  /// What the device can do at best in TFLOP/s, which utilisation is measured against; measured on a CPU, and known of
  /// common GPUs, if left out.
  public var peakTflops: Double?

  /// 100 epochs at 1e-3.
  public init() {}

  /// Reports values out of range.
  public func validate(_ issues: inout IssueCollector) {
    if let epochs { issues.check("epochs", epochs, in: 1...1_000_000) }
    if let maxSteps { issues.check("max_steps", maxSteps, in: 1...1_000_000_000_000) }
    issues.check(lr > 0 && lr.isFinite, "lr", found: lr, "more than 0")
    issues.check("accumulation", accumulation, in: 1...100_000)
    if let clipNorm { issues.check(clipNorm > 0 && clipNorm.isFinite, "clip_norm", found: clipNorm, "more than 0") }
    issues.check((0..<1).contains(labelSmoothing), "label_smoothing", found: labelSmoothing, "from 0 to below 1")
    if let threshold = binaryTargetThreshold {
      issues.check(
        (0..<1).contains(threshold), "binary_target_threshold", found: threshold, "from 0 to below 1")
      issues.check(
        loss == .binaryCrossEntropy, "binary_target_threshold", found: threshold,
        "null without loss: binary_cross_entropy", related: ["loss"])
    }
    issues.check(
      !binarySumClasses || loss == .binaryCrossEntropy, "binary_sum_classes", found: binarySumClasses,
      "false without loss: binary_cross_entropy", related: ["loss"])
    if let layerDecay {
      issues.check(layerDecay > 0 && layerDecay <= 1, "layer_decay", found: layerDecay, "more than 0, at most 1")
    }
    if let scale = layerDecayMinScale {
      issues.check("layer_decay_min_scale", scale, in: 0...1)
      issues.check(
        layerDecay != nil, "layer_decay_min_scale", found: scale, "null without layer_decay", related: ["layer_decay"])
    }
    issues.check("evaluate_every_epochs", evaluateEveryEpochs, atLeast: 1)
    issues.check("read_every_steps", readEverySteps, in: 1...10_000)
    if let peakTflops {
      issues.check(peakTflops > 0 && peakTflops.isFinite, "peak_tflops", found: peakTflops, "more than 0")
    }
  }

  /// The length that the schedule spans, with so many steps in an epoch.
  public func scheduledLength(stepsPerEpoch: Int) -> RunLength {
    if epochs == nil, let maxSteps { return RunLength(numSteps: maxSteps, stepsPerEpoch: stepsPerEpoch) }
    return RunLength(numEpochs: epochs ?? Self.defaultEpochs, stepsPerEpoch: stepsPerEpoch)
  }
}

extension TrainingOptions {
  /// What a classification makes small.
  var classificationLoss: ClassificationLoss {
    let kind: ClassificationLoss.Kind =
      switch loss {
      case .crossEntropy: .crossEntropy
      case .binaryCrossEntropy:
        .binaryCrossEntropy(targetThreshold: binaryTargetThreshold, sumsClasses: binarySumClasses)
      }
    return ClassificationLoss(kind, labelSmoothing: labelSmoothing)
  }
}
