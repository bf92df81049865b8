import Torch

extension TrainStep {
  /// What a step did; the tensors are scalars on the device, which may still be computing them.
  public struct Outcome {
    /// The sum of the samples' losses.
    let lossSum: Tensor
    /// How many first guesses were right; a mixed sample counts by its weights.
    let numRight: Tensor
    /// The norm of all gradients, before clipping.
    let gradientNorm: Tensor
    /// The factor of the loss in this step's backward pass, where there is one.
    let lossScale: Tensor?
    /// Samples of the step.
    let numSamples: Int
    /// The names of their files.
    let files: [String]

    /// The mean loss. Waits for the device.
    var loss: Double { lossSum.item() / Double(numSamples) }

    /// The numbers of a step.
    struct Numbers {
      /// The mean loss.
      let loss: Double
      let numRight: Double
      let gradientNorm: Double
      let lossScale: Double?

      /// Whether the weights were changed.
      var isFinite: Bool { loss.isFinite && gradientNorm.isFinite }
    }

    /// All numbers at once. Waits for the device, one time.
    func numbers() -> Numbers {
      let scalars = [lossSum, numRight, gradientNorm] + [lossScale].compactMap(\.self)
      let values = withoutGrad { Tensor.stacked(scalars.map { $0.to(.float32) }) }.array(Float.self).map { Double($0) }
      // A failure of the device leaves nothing to read; the scope around this throws it.
      guard values.count == scalars.count else {
        return Numbers(loss: .nan, numRight: 0, gradientNorm: .nan, lossScale: nil)
      }
      return Numbers(
        loss: values[0] / Double(numSamples), numRight: values[1], gradientNorm: values[2],
        lossScale: lossScale == nil ? nil : values[3])
    }
  }
}
