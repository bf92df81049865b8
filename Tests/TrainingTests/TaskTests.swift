import Augment
import Dataset
import Foundation
import KeyedRandom
import NN
import Optim
import Preprocessing
import TestSupport
import Testing
import Torch
import VisionModels

@testable import Training

/// Tasks that know no label: the trainer, the step and the evaluator are the same.
@Suite struct TaskTests {
  /// Learning to put images together again from a few numbers.
  private final class Reconstruction: TrainingTask {
    private final class Autoencoder: Module {
      let encoder = Linear(768, 16)
      let decoder = Linear(16, 768)
      let dropout = Dropout(0.1)

      init() {
        for parameter in namedParameters where parameter.tensor.ndim == 2 {
          Initializer.xavierUniform.fill(parameter.tensor, KeyedRandom(seed: 1).child(parameter.name))
        }
      }

      func callAsFunction(_ x: Tensor, _ context: ForwardContext) -> Tensor {
        decoder(dropout(encoder(x), context.scoped("drop")))
      }

      func visit(_ visitor: inout ParameterVisitor) {
        visitor.submodule("encoder", encoder)
        visitor.submodule("decoder", decoder)
      }
    }

    private let model = Autoencoder()
    var module: any Module { model }
    let primary = PrimaryMetric("error", isHigherBetter: false)

    /// The squared error of each sample, [N].
    private func errors(_ batch: DeviceBatch, _ context: ForwardContext) -> Tensor {
      let flat = batch.images.flatten(from: 1)
      let difference = context.autocasting(on: flat.device) { model(flat, context) }.to(.float32) - flat
      return (difference * difference).mean([1])
    }

    func loss(_ batch: DeviceBatch, _ context: ForwardContext) -> StepOutput {
      let errors = errors(batch, context)
      return StepOutput(loss: errors.mean(), sums: ["squares": errors.detach().sum()])
    }

    func count(_ batch: DeviceBatch, _ context: ForwardContext) -> MetricSums {
      MetricSums(["error": errors(batch, context).to(.float64).sum()])
    }

    func trainingMetrics(_ sums: [String: Double], numSamples: Int) -> [Metric] {
      [Metric("squares", sums["squares"]! / Double(numSamples))]
    }

    func report(_ sums: MetricSums.Values, numSamples: Int) -> EvaluationReport {
      let mean = sums.scalar("error") / Double(numSamples)
      return EvaluationReport(metrics: [Metric("loss", mean), Metric("error", mean)], numSamples: numSamples)
    }
  }

  /// Keeps the events of a run.
  private final class Log: Hook {
    var epochs: [EpochReport] = []
    var losses: [Double] = []
    var end: RunEnd?
    func receive(_ event: TrainingEvent) -> LoopDecision {
      switch event {
      case .epoch(let report): epochs.append(report)
      case .step(let report): losses.append(report.loss)
      case .end(let report): end = report
      default: break
      }
      return .goOn
    }
  }

  @discardableResult
  private static func train(
    _ task: any TrainingTask, _ fixture: StepFixture, readEverySteps: Int = 1, maximumBad: Double = 1, log: Log = Log(),
    stopRequest: @escaping () -> String? = { nil }
  ) throws -> Log {
    let folder = "\(fixture.set.path)/run-\(UUID().uuidString)"
    let optimizer = AdamW(ParameterGroups.of(task.module))
    var average = WeightAverage.Options()
    average.decay = 0.1
    let loader = try fixture.loader(batchSize: 8, maximumBad: maximumBad)
    let evaluation = try fixture.loader("validation", batchSize: 8)
    var step = TrainStep.Options()
    step.batchSize = 8
    step.clipNorm = 1
    var options = Trainer.Options()
    options.numEpochs = 4
    options.readEverySteps = readEverySteps
    let parts = Trainer.Parts(
      task: task,
      description: ModelDescription(
        name: "none", config: StepFixture.config, classes: loader.source.classes,
        preprocessing: ImagePreprocessing(size: 16)),
      data: DataDescription(
        path: fixture.set.path, ownSplit: nil, train: loader.source, validation: evaluation.source),
      optimizer: optimizer,
      average: WeightAverage(task.module, groups: optimizer.groups, options: average),
      schedule: Schedule(base: 2e-3, timeline: .steps(total: 12, warmup: 0), curve: ConstantCurve()),
      loader: loader, evaluator: Evaluator(loader: evaluation, device: .cpu), device: .cpu, step: step, config: "")
    _ = try Trainer(
      parts, options: options, directory: .create(at: folder), hooks: [log], stopRequest: stopRequest
    ).run()
    return log
  }

  @Test func reconstructionNeedsNoOtherTrainer() throws {
    let log = try Self.train(Reconstruction(), StepFixture(numTrain: 24, numValidation: 10))
    let errors = log.epochs.compactMap { $0.evaluation?["error"] }
    #expect(errors.count == 4 && errors[3] < 0.8 * errors[0], "\(errors)")
    #expect(log.epochs.allSatisfy { $0.evaluation?.confusion == nil && $0.evaluation?.numSamples == 10 })
    #expect(log.epochs.map { $0.trainMetrics.map(\.name) } == Array(repeating: ["squares"], count: 4))
    for epoch in log.epochs { #expect(abs(epoch.trainMetrics[0].value - epoch.trainLoss) < 1e-6) }
    // `best` follows the task's own metric, downwards.
    let best = try #require(log.end?.best)
    #expect(best.metric == Metric("error", errors.min()!))
    // Rates by operations are not known of such a model.
    #expect(log.epochs[0].trainRate == nil)
  }

  /// The host looks once at each step, or once at several, while a later one runs; and never more.
  @Test(arguments: [1, 3]) func hostReadsOfAStep(_ readEverySteps: Int) throws {
    let fixture = try StepFixture(numTrain: 48, numValidation: 3)
    let model = StepFixture.model()
    let task = StepFixture.task(model)
    // What a step itself reads: nothing.
    var options = TrainStep.Options()
    options.batchSize = 8
    options.clipNorm = 1
    let optimizer = AdamW(ParameterGroups.of(model))
    let step = TrainStep(
      task, optimizer: optimizer, average: WeightAverage(model, groups: optimizer.groups), scaler: LossScaler(),
      device: .cpu, options: options)
    let batches = try fixture.loader(batchSize: 8).makeEpoch(0)
    let before = HostReads.count
    while let outcome = try step(0, learningRate: 1e-3, nextBatch: batches.onHost) { #expect(!outcome.files.isEmpty) }
    #expect(HostReads.count == before)

    // What the loop reads, between the first step and the last: one deferred read for so many steps.
    var reads: [Int] = []
    let log = try Self.train(task, fixture, readEverySteps: readEverySteps) {
      reads.append(HostReads.count)
      return nil
    }
    #expect(log.losses.count == 24)
    // Asked before the run and after each step: those of the first epoch are 1 to 6.
    let ofSteps = (1..<6).map { reads[$0 + 1] - reads[$0] }
    #expect(ofSteps == (readEverySteps == 1 ? [1, 1, 1, 1, 1] : [0, 0, 1, 0, 0]))
    // How often it looks changes no bit.
    let other = try Self.train(StepFixture.task(StepFixture.model()), fixture, readEverySteps: 6)
    let same = try Self.train(StepFixture.task(StepFixture.model()), fixture, readEverySteps: readEverySteps)
    #expect(other.losses == same.losses && other.losses.count == 24)
  }

  /// Dropout and stochastic depth do not see how a step is cut into batches.
  @Test func droppingDoesNotDependOnTheBatches() throws {
    let fixture = try StepFixture(numTrain: 24)
    func weights(_ batchSize: Int, _ accumulation: Int, seed: UInt64 = 5) throws -> StateDict {
      var config = StepFixture.config
      (config.positionDropout, config.attentionDropout, config.projectionDropout) = (0.1, 0.1, 0.1)
      (config.headDropout, config.stochasticDepth) = (0.1, 0.4)
      let model = VisionTransformer(config, seed: 4)
      var options = TrainStep.Options()
      (options.batchSize, options.accumulation, options.seed) = (batchSize, accumulation, seed)
      let step = TrainStep(
        StepFixture.task(model), optimizer: StepFixture.sgd(model), device: .cpu, options: options)
      let batches = try fixture.loader(batchSize: batchSize).makeEpoch(0)
      let generator = Generator.default(on: .cpu).state
      for number in 0..<2 { _ = try step(number, learningRate: 0.5, nextBatch: batches.onHost) }
      // Nothing is left of libtorch's own generator.
      #expect(Generator.default(on: .cpu).state.isEqual(to: generator))
      return model.stateDict.cloned()
    }
    let whole = try weights(12, 1)
    #expect(try largestDifference(weights(4, 3), whole) < 2e-6)
    #expect(try largestDifference(weights(6, 2), whole) < 2e-6)
    // The planted fault: another seed drops others.
    #expect(try largestDifference(weights(12, 1, seed: 6), whole) > 1e-3)
  }

  /// A loss that is not finite ends the run whenever it is seen: named by its step and files, its steps told of in order,
  /// and the weights as they were before it.
  @Test(arguments: [1, 5]) func aLateLookFindsTheStep(_ readEverySteps: Int) throws {
    /// A classifier whose third batch gives NaN.
    final class Breaking: TrainingTask {
      let inner: ClassificationTask
      var weights: [StateDict] = []
      init(_ inner: ClassificationTask) { self.inner = inner }
      var module: any Module { inner.module }
      var primary: PrimaryMetric { inner.primary }
      func loss(_ batch: DeviceBatch, _ context: ForwardContext) -> StepOutput {
        weights.append(module.stateDict.cloned())
        let output = inner.loss(batch, context)
        return batch.index == 2 ? StepOutput(loss: output.loss * .nan, sums: output.sums) : output
      }
      func count(_ batch: DeviceBatch, _ context: ForwardContext) -> MetricSums { inner.count(batch, context) }
      func report(_ sums: MetricSums.Values, numSamples: Int) -> EvaluationReport {
        inner.report(sums, numSamples: numSamples)
      }
    }
    let fixture = try StepFixture(numTrain: 48, numValidation: 3)
    let task = Breaking(StepFixture.task(StepFixture.model()))
    let names = try fixture.set.folder("train")
    let log = Log()
    let error = #expect(throws: TrainingError.self) {
      try Self.train(task, fixture, readEverySteps: readEverySteps, log: log)
    }
    guard case .notFinite(let step, _, _, let files) = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(step == 3 && files == (16..<24).map { names.name(at: $0) })
    #expect(log.losses.count == 2 && log.end?.step == 2 && log.end?.files == files)
    #expect(task.weights.count == (readEverySteps == 1 ? 4 : 6))
    #expect(largestDifference(task.module.stateDict, task.weights[2]) == 0)
    #expect(largestDifference(task.weights[2], task.weights[1]) > 0)
  }

  /// An error of the loader does not hide what was made before it.
  @Test func whatWasMadeBeforeAnErrorIsTold() throws {
    let fixture = try StepFixture(numTrain: 48, numValidation: 3)
    try fixture.set.breakPixels("train", at: 34)
    let log = Log()
    #expect(throws: DataLoaderError.self) {
      try Self.train(
        StepFixture.task(StepFixture.model()), fixture, readEverySteps: 10, maximumBad: 0, log: log)
    }
    #expect(log.losses.count == 4 && log.end?.step == 4)
  }

  /// Sums add up: of any cut of a set into batches, and of any order of these, the same report.
  @Test func sumsAddUp() throws {
    func sums(_ values: [Double]) -> MetricSums {
      MetricSums(
        ["a": Tensor(values).sum(), "b": Tensor([values.reduce(0, +), 1])],
        rows: ["row": Tensor(values.map { Int($0) }, shape: [values.count, 1])])
    }
    let whole = try MetricSums.values(of: [(0, sums([1, 2, 3, 4]))])
    let parts = try MetricSums.values(of: [(2, sums([4])), (0, sums([1])), (1, sums([2, 3]))])
    #expect(whole.scalar("a") == 10 && parts.scalar("a") == 10)
    #expect(whole["b"] == [10, 1] && parts["b"] == [10, 3])
    #expect(whole[rows: "row"] == [1, 2, 3, 4] && parts[rows: "row"] == [1, 2, 3, 4])
    #expect(parts["none"].isEmpty && parts.scalar("none").isNaN)
  }

  /// After a step that is not finite no weight changes any more, however many steps are made before anybody looks; with a
  /// scaler, where its scale cannot fall any further.
  @Test(arguments: [nil, 1, 64] as [Double?]) func weightsStayAfterAStepThatIsNotFinite(_ scale: Double?) throws {
    let fixture = try StepFixture(numTrain: 24)
    let model = StepFixture.model()
    var options = TrainStep.Options()
    options.batchSize = 8
    let scaler = scale.map { initial in
      var scaling = LossScaler.Options()
      (scaling.initial, scaling.minimum) = (initial, 1)
      return LossScaler(scaling)
    }
    let step = TrainStep(
      StepFixture.task(model), optimizer: StepFixture.sgd(model), scaler: scaler, device: .cpu, options: options)
    let batches = try fixture.loader(batchSize: 8).makeEpoch(0)
    let good = try #require(try batches.onHost())
    let bad = DeviceBatch(
      images: good.images.fullLike(.nan), labels: good.labels, epoch: 0, index: 0, paths: good.paths)
    let start = model.stateDict.cloned()
    _ = try step(0, learningRate: 0.1) { good }
    let before = model.stateDict.cloned()
    #expect(largestDifference(before, start) > 0)
    let first = try #require(try step(1, learningRate: 0.1) { bad })
    let second = try #require(try step(2, learningRate: 0.1) { good })
    let numbers = TrainStep.Outcome.numbers(of: [first, second])
    #expect(!numbers[0].isFinite && numbers[1].isFinite)
    // A scale that can fall is what the step was skipped for: the next one counts.
    #expect((largestDifference(model.stateDict, before) == 0) == (scale != 64))
  }
}
