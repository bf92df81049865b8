import Optim
public import Settings
import VisionModels

extension PlanReport {
  /// The object that docs/formats/plan.md describes.
  public var value: OptionsValue {
    let setup = plan.setup
    return .mapping([
      .init("model", modelValue),
      .init(
        "settings",
        .mapping([
          .init("world_size", .int(Int64(setup.worldSize))), .init("zero", .int(Int64(setup.zero.rawValue))),
          .init("precision", .string(setup.precision.rawValue)),
          .init("batch_size", .int(Int64(setup.batchSize))), .init("accumulation", .int(Int64(setup.accumulation))),
          .init("activations_checkpointed", .bool(setup.checkpointsActivations)),
          .init("optimizer", .string(setup.optimizerState.optimizer)), .init("average", .bool(setup.hasAverage)),
          .init("operators", .string(setup.kernels.rawValue)),
        ])),
      .init(
        "run",
        .mapping([
          .init("images", .int(Int64(setup.numSamples))), .init("global_batch", .int(Int64(plan.globalBatch))),
          .init("steps_per_epoch", .int(Int64(plan.length.stepsPerEpoch))),
          .init("steps", .int(Int64(plan.length.numSteps))), .init("epochs", .int(Int64(plan.length.numEpochs))),
          .init("flop_per_image", .double(plan.flopsPerImage)), .init("flop_per_step", .double(plan.flopsPerStep)),
        ])),
      .init("memory", memoryValue),
      .init("communication", .list(stages.map(communicationValue))),
      .init("time", timeValue),
      .init("advice", .list((plan.advice + [plan.combinedAdvice].compactMap(\.self)).map(Self.adviceValue))),
    ])
  }

  private var stages: [ZeROStage] { plan.setup.worldSize > 1 ? ZeROStage.allCases : [.none] }

  private var modelValue: OptionsValue {
    let config = plan.setup.config
    return .mapping([
      .init("name", .string(plan.setup.modelName)), .init("parameters", .int(Int64(plan.numParameters))),
      .init("classes", .int(Int64(config.numClasses))), .init("image_size", .int(Int64(config.imageSize))),
      .init("tokens", .int(Int64(config.numTokens))), .init("forward_flop", .double(plan.flops.forward)),
    ])
  }

  private var memoryValue: OptionsValue {
    let limit = plan.setup.memoryLimit
    let ofStages = stages.map { stage in
      let memory = plan.memory(under: stage)
      return OptionsValue.mapping([
        .init("zero", .int(Int64(stage.rawValue))), .init("bytes", Self.whole(memory.total)),
        .init("tensor_bytes", Self.whole(memory.tensors)),
        .init("fits", plan.fits(under: stage).map { .bool($0) } ?? .null),
        .init("largest_batch", plan.largestBatch(under: stage).map { .int(Int64($0)) } ?? .null),
        .init(
          "components",
          .mapping(RankMemory.Component.allCases.map { .init($0.rawValue, Self.whole(memory[$0])) })),
      ])
    }
    return .mapping([
      .init("limit_bytes", limit.map(Self.whole) ?? .null), .init("host_bytes", Self.whole(plan.hostBytes)),
      .init(
        "activation_bytes_per_image",
        .mapping(
          ActivationMemory.Kind.allCases.map { .init($0.rawValue, Self.whole(plan.activations.bytes[$0] ?? 0)) })),
      .init("stages", .list(ofStages)),
    ])
  }

  private func communicationValue(_ stage: ZeROStage) -> OptionsValue {
    let setup = plan.setup
    let list = plan.collectives(under: stage).map { collective in
      func seconds(_ algorithm: Collective.Algorithm) -> OptionsValue {
        guard let bandwidth = setup.bandwidth, algorithm == .ring || collective.kind == .allReduce else { return .null }
        return .double(
          collective.seconds(algorithm, ranks: setup.worldSize, bandwidth: bandwidth, latency: setup.latency))
      }
      return OptionsValue.mapping([
        .init("operation", .string(collective.kind.rawValue)), .init("what", .string(collective.what)),
        .init("calls", .int(Int64(collective.callsPerStep))), .init("bytes", Self.whole(collective.bytes)),
        .init("bytes_sent", Self.whole(collective.bytesSent(.ring, ranks: setup.worldSize))),
        .init("ring_seconds", seconds(.ring)), .init("tree_seconds", seconds(.tree)),
      ])
    }
    return .mapping([
      .init("zero", .int(Int64(stage.rawValue))),
      .init("bytes_sent_per_step", Self.whole(plan.bytesSent(under: stage))), .init("operations", .list(list)),
    ])
  }

  private var timeValue: OptionsValue {
    guard let time = plan.time(under: plan.setup.zero), let peak = plan.setup.peakFlops else { return .null }
    func ofRun(_ step: Double) -> OptionsValue { .double(plan.runSeconds(time, step: step)) }
    return .mapping([
      .init("peak_flops", .double(peak)), .init("utilization", .double(plan.setup.utilization)),
      .init("compute_seconds", .double(time.compute)),
      .init("communication_seconds", time.communication.map { .double($0) } ?? .null),
      .init("step_seconds_without_overlap", .double(time.withoutOverlap)),
      .init("step_seconds_with_overlap", .double(time.withOverlap)),
      .init("run_seconds_without_overlap", ofRun(time.withoutOverlap)),
      .init("run_seconds_with_overlap", ofRun(time.withOverlap)),
    ])
  }

  private static func adviceValue(_ advice: PlanAdvice) -> OptionsValue {
    .mapping([
      .init("change", .string(advice.change)), .init("bytes", whole(advice.total)), .init("fits", .bool(advice.fits)),
      .init("flop_ratio", .double(advice.flopsRatio)), .init("more_bytes_sent", whole(advice.moreBytesSent)),
    ])
  }

  /// Whole bytes; those beyond an integer, of a model that nobody can build, as a number with an exponent.
  private static func whole(_ bytes: Double) -> OptionsValue {
    Int64(exactly: bytes.rounded()).map { .int($0) } ?? .double(bytes)
  }
}
