// One optimizer step: mixing, forward and backward over one or more batches, averaging, clipping, the update.
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
    /// Which loss is made small.
    public var loss = Loss.crossEntropy
    /// Mixes the samples of each batch with one another; nil leaves them as they are.
    public var mixing: BatchMixing?
    /// The 16-bit type that operators which gain from it compute in; nil computes all in float32.
    public var autocast: DType?

    /// One batch, no clipping, float32.
    public init() {}

    /// Steps of an epoch of `numBatches` batches.
    public func numSteps(ofBatches numBatches: Int) -> Int {
      accumulationTail.numSteps(ofBatches: numBatches, accumulation: accumulation)
    }
  }

  /// The losses that there are.
  public enum Loss: Sendable, Equatable {
    /// One choice among all classes.
    case crossEntropy
    /// Each class by itself; see `BinaryCrossEntropy`.
    case binaryCrossEntropy(targetThreshold: Double? = nil, sumsClasses: Bool = false)
  }

  /// The options.
  public let options: Options
  private let model: any ImageClassifier
  private let optimizer: any Optimizer
  private let average: WeightAverage?
  private let scaler: LossScaler?
  private let transfer: DeviceTransfer
  private let loss: any ClassificationLoss

  /// A step over a model whose parameters `optimizer` trains.
  /// - Parameters:
  ///   - average: an average of the weights that follows each step.
  ///   - scaler: multiplies the loss for the backward pass, for float16; on `device`.
  public init(
    model: any ImageClassifier, optimizer: any Optimizer, average: WeightAverage? = nil, scaler: LossScaler? = nil,
    device: Device, options: Options
  ) {
    self.model = model
    self.optimizer = optimizer
    self.average = average
    self.scaler = scaler
    self.options = options
    transfer = DeviceTransfer(to: device)
    loss = options.makeLoss()
  }

  /// Makes a step from the next batches; nil when there is none left.
  ///
  /// The loss is the mean over all samples of the step, whatever the number of batches and their sizes. Where it, or the
  /// gradients' norm, is not finite, the weights stay as they are; the outcome tells. An average of the weights moves
  /// all the same, towards the weights that stay.
  /// - Throws: `TorchError`, and what `nextBatch` throws.
  public func callAsFunction(learningRate: Double, nextBatch: () throws -> Batch?) throws -> Outcome? {
    let wholeStep = options.batchSize * options.accumulation
    var sums: Sums?
    var files: [String] = []
    for _ in 0..<options.accumulation {
      guard let batch = try nextBatch() else { break }
      files += batch.paths
      let share = Double(batch.count) / Double(wholeStep)
      let sum = try recovering { backward(transfer(batch), share: share) }
      sums = sums.map { $0 + sum } ?? sum
    }
    guard let sums else { return nil }
    return try recovering {
      withoutGrad {
        let lossScale = scaler?.scale.clone()
        scaler?.unscale(optimizer.parameters)
        // The gradients are those of a mean over a whole step; a shorter one has the mean over its own samples.
        if files.count != wholeStep { scaleGradients(by: Double(wholeStep) / Double(files.count)) }
        let norm =
          options.clipNorm.map { GradientClipping.clip(optimizer.parameters, maxNorm: $0) }
          ?? GradientClipping.globalNorm(optimizer.parameters)
        guard let norm else { preconditionFailure("no parameter has a gradient: everything is frozen") }
        let isFinite = sums.loss.isFinite().logicalAnd(norm.isFinite())
        let foundInf = isFinite.logicalNot().to(.float32)
        withSpan("optimizer") {
          optimizer.step(learningRate: learningRate, foundInf: foundInf)
        }
        scaler?.update(foundInf: foundInf)
        optimizer.zeroGrad()
        average?.update(model)
        return Outcome(
          lossSum: sums.loss, numRight: sums.numRight, gradientNorm: norm, lossScale: lossScale,
          numSamples: files.count, files: files)
      }
    }
  }

  /// Adds the gradients of `share` times the batch's mean loss.
  private func backward(_ batch: DeviceBatch, share: Double) -> Sums {
    let (images, target) = options.mixing.map { $0(batch) } ?? (batch.images, ClassTarget(batch.labels))
    let logits = withSpan("forward") {
      withAutocast(to: options.autocast, on: images.device) { model(images, .training) }.to(.float32)
    }
    let mean = loss(logits, target)
    let part = share == 1 ? mean : mean * share
    withSpan("backward") { (scaler?.scaled(part) ?? part).backward() }
    return Sums(loss: mean.detach() * Double(batch.count), numRight: target.numRight(logits.detach()))
  }

  /// Sums over samples, scalars on the device.
  private struct Sums {
    let loss: Tensor
    let numRight: Tensor

    static func + (a: Sums, b: Sums) -> Sums { Sums(loss: a.loss + b.loss, numRight: a.numRight + b.numRight) }
  }

  private func scaleGradients(by factor: Double) {
    TensorLists.scale(optimizer.parameters.compactMap(\.grad), by: factor)
  }
}

extension TrainStep.Options {
  fileprivate func makeLoss() -> any ClassificationLoss {
    switch loss {
    case .crossEntropy: CrossEntropy(labelSmoothing: labelSmoothing)
    case .binaryCrossEntropy(let threshold, let sumsClasses):
      BinaryCrossEntropy(labelSmoothing: labelSmoothing, targetThreshold: threshold, sumsClasses: sumsClasses)
    }
  }
}
