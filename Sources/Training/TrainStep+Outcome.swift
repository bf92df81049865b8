import Torch

extension TrainStep {
  /// What a step did; the tensors are scalars on the device, which may still be computing them.
  public struct Outcome {
    /// Sums over the samples by name: `loss` and what the task counts beside it.
    let sums: StateDict
    /// The norm of all gradients, before clipping.
    let gradientNorm: Tensor
    /// The factor of the loss in this step's backward pass, where there is one.
    let lossScale: Tensor?
    /// The names of the files of its samples.
    let files: [String]

    /// Samples of the step.
    var numSamples: Int { files.count }

    /// The numbers of a step.
    struct Numbers {
      /// Sums over the samples by name.
      let sums: [String: Double]
      /// The mean loss.
      let loss: Double
      let gradientNorm: Double
      let lossScale: Double?

      /// Whether the weights were changed.
      var isFinite: Bool { loss.isFinite && gradientNorm.isFinite }
    }

    /// The numbers of steps one after the other. Waits for the device, one time.
    static func numbers(of outcomes: [Outcome]) -> [Numbers] {
      func scalars(_ outcome: Outcome) -> [Tensor] {
        outcome.sums.entries.map(\.tensor) + [outcome.gradientNorm] + [outcome.lossScale].compactMap(\.self)
      }
      let all = outcomes.flatMap(scalars)
      var values = withoutGrad { Tensor.stacked(all.map { $0.to(.float32) }) }.array(Float.self).map { Double($0) }[...]
      // A failure of the device leaves nothing to read; the scope around this throws it.
      if values.count < all.count { values = ArraySlice(repeating: .nan, count: all.count) }
      return outcomes.map { outcome in
        let sums = Dictionary(uniqueKeysWithValues: outcome.sums.names.map { ($0, values.removeFirst()) })
        return Numbers(
          sums: sums, loss: sums["loss"]! / Double(outcome.numSamples), gradientNorm: values.removeFirst(),
          lossScale: outcome.lossScale == nil ? nil : values.removeFirst())
      }
    }

    /// The numbers. Waits for the device.
    var numbers: Numbers { Self.numbers(of: [self])[0] }
  }
}
