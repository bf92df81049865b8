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
    /// The samples of the step, over all ranks.
    let samples: Samples
    /// The names of the files of this rank's samples.
    let files: [String]

    /// How many samples a step had.
    enum Samples {
      /// Those of a process alone.
      case known(Int)
      /// What the ranks agreed on, float64 scalars: samples, and ranks that want the run to end.
      case agreed(count: Tensor, stops: Tensor)
    }

    /// The numbers of a step.
    struct Numbers {
      /// Sums over the samples by name.
      let sums: [String: Double]
      /// The samples of the step, over all ranks.
      let numSamples: Int
      /// Whether a rank wants the run to end.
      let isStopWanted: Bool
      /// The mean loss; 0 of a step without samples.
      let loss: Double
      let gradientNorm: Double
      let lossScale: Double?

      /// Whether the weights were changed.
      var isFinite: Bool { loss.isFinite && gradientNorm.isFinite }
    }

    /// The numbers of steps one after the other. Waits for the device, one time.
    static func numbers(of outcomes: [Outcome]) -> [Numbers] {
      func scalars(_ outcome: Outcome) -> [Tensor] {
        var scalars = outcome.sums.entries.map(\.tensor) + [outcome.gradientNorm]
        if let lossScale = outcome.lossScale { scalars.append(lossScale) }
        if case .agreed(let count, let stops) = outcome.samples { scalars += [count, stops] }
        return scalars
      }
      let all = outcomes.flatMap(scalars)
      var values = withoutGrad { Tensor.stacked(all.map { $0.to(.float32) }) }.array(Float.self).map { Double($0) }[...]
      // A failure of the device leaves nothing to read; the scope around this throws it.
      if values.count < all.count { values = ArraySlice(repeating: .nan, count: all.count) }
      return outcomes.map { outcome in
        let sums = Dictionary(uniqueKeysWithValues: outcome.sums.names.map { ($0, values.removeFirst()) })
        let gradientNorm = values.removeFirst()
        let lossScale = outcome.lossScale == nil ? nil : values.removeFirst()
        var (numSamples, isStopWanted) = (0, false)
        switch outcome.samples {
        case .known(let count): numSamples = count
        case .agreed:
          numSamples = Int(exactly: values.removeFirst()) ?? 0
          isStopWanted = values.removeFirst() > 0
        }
        return Numbers(
          sums: sums, numSamples: numSamples, isStopWanted: isStopWanted,
          loss: numSamples == 0 ? 0 : (sums["loss"] ?? 0) / Double(numSamples), gradientNorm: gradientNorm,
          lossScale: lossScale)
      }
    }

    /// The numbers. Waits for the device.
    var numbers: Numbers { Self.numbers(of: [self])[0] }
  }
}
