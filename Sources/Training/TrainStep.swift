// One optimizer step: forward and backward over one or more batches, averaging, clipping, the update.
import Foundation
import NN
public import Dataset
public import Optim
public import Torch
public import VisionModels

/// Changes the weights once by the gradients of some batches. Every line that touches a gradient or a weight is here.
public final class TrainStep {
  /// What can be set.
  public struct Options: Sendable {
    /// Batches of a step.
    public var accumulation = 1
    /// What becomes of fewer batches at the end of an epoch.
    public var accumulationTail = AccumulationTail.step
    /// Samples of a whole batch.
    public var batchSize = 1
    /// The largest norm of all gradients; nil leaves them as they are.
    public var clipNorm: Double?
    /// How much of each target is spread over all classes.
    public var labelSmoothing = 0.0
    /// The 16-bit type that operators which gain from it compute in; nil computes all in float32.
    public var autocast: DType?

    /// One batch, no clipping, float32.
    public init() {}

    /// Steps of an epoch of `numBatches` batches.
    public func numSteps(ofBatches numBatches: Int) -> Int {
      accumulationTail.numSteps(ofBatches: numBatches, accumulation: accumulation)
    }
  }

  /// What a step did; the tensors are scalars on the device, which may still be computing them.
  public struct Outcome {
    /// The sum of the samples' losses.
    let lossSum: Tensor
    /// The norm of all gradients, before clipping.
    let gradientNorm: Tensor
    /// Samples of the step.
    let numSamples: Int
    /// The names of their files.
    let files: [String]

    /// The mean loss. Waits for the device.
    var loss: Double { lossSum.item() / Double(numSamples) }
  }

  /// The options.
  public let options: Options
  private let model: any ImageClassifier
  private let optimizer: any Optimizer
  private let average: WeightAverage?
  private let transfer: DeviceTransfer
  private let loss: CrossEntropy

  /// A step over a model whose parameters `optimizer` trains.
  /// - Parameter average: an average of the weights that follows each step.
  public init(
    model: any ImageClassifier, optimizer: any Optimizer, average: WeightAverage? = nil, device: Device,
    options: Options
  ) {
    self.model = model
    self.optimizer = optimizer
    self.average = average
    self.options = options
    transfer = DeviceTransfer(to: device)
    loss = CrossEntropy(labelSmoothing: options.labelSmoothing)
  }

  /// Makes a step from the next batches; nil when there is none left.
  ///
  /// The loss is the mean over all samples of the step, whatever the number of batches and their sizes. Where it, or the
  /// gradients' norm, is not finite, the weights stay as they are; the outcome tells.
  /// - Throws: `TorchError`, and what `nextBatch` throws.
  public func callAsFunction(learningRate: Double, nextBatch: () throws -> Batch?) throws -> Outcome? {
    let wholeStep = options.batchSize * options.accumulation
    var lossSum: Tensor?
    var files: [String] = []
    for _ in 0..<options.accumulation {
      guard let batch = try nextBatch() else { break }
      files += batch.paths
      let share = Double(batch.count) / Double(wholeStep)
      let sum = try recovering { backward(transfer(batch), share: share) }
      lossSum = lossSum.map { $0 + sum } ?? sum
    }
    guard let lossSum else { return nil }
    return try recovering {
      withoutGrad {
        // The gradients are those of a mean over a whole step; a shorter one has the mean over its own samples.
        if files.count != wholeStep { scaleGradients(by: Double(wholeStep) / Double(files.count)) }
        let norm =
          options.clipNorm.map { GradientClipping.clip(optimizer.parameters, maxNorm: $0) }
          ?? GradientClipping.globalNorm(optimizer.parameters)
        guard let norm else { preconditionFailure("no parameter has a gradient: everything is frozen") }
        let isFinite = lossSum.isFinite().logicalAnd(norm.isFinite())
        withSpan("optimizer") {
          optimizer.step(
            learningRate: learningRate, gradientScale: nil, foundInf: isFinite.logicalNot().to(.float32))
        }
        optimizer.zeroGrad()
        average?.update(model)
        return Outcome(lossSum: lossSum, gradientNorm: norm, numSamples: files.count, files: files)
      }
    }
  }

  /// Adds the gradients of `share` times the batch's mean loss; returns the sum of its losses.
  private func backward(_ batch: DeviceBatch, share: Double) -> Tensor {
    let logits = withSpan("forward") {
      withAutocast(to: options.autocast, on: batch.images.device) { model(batch.images, .training) }
    }
    let mean = loss(logits.to(.float32), batch.labels)
    withSpan("backward") { (share == 1 ? mean : mean * share).backward() }
    return mean.detach() * Double(batch.count)
  }

  private func scaleGradients(by factor: Double) {
    TensorLists.scale(optimizer.parameters.compactMap(\.grad), by: factor)
  }
}
