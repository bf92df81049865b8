/// What a step is expected to take, in seconds.
public struct StepTime: Sendable, Equatable {
  /// Forward and backward passes, at the stated share of the peak.
  public let compute: Double
  /// All exchanges, one after the other; nil where the network is not known.
  public let communication: Double?
  /// What of them is left where they run beside the passes as far as they can.
  public let exposed: Double?

  /// Passes and exchanges one after the other; the passes alone where the network is not known.
  public var withoutOverlap: Double { compute + (communication ?? 0) }
  /// The best case: exchanges beside passes.
  public var withOverlap: Double { compute + (exposed ?? 0) }

  /// The time of a step; nil where the peak is not known.
  ///
  /// Beside the passes run: gradients, beside the backward pass that makes them, but for their last piece; weights that are
  /// shared out, beside the passes that use them, but for their first piece. Weights that are gathered after the step, and
  /// the decision, wait for nobody.
  init?(_ setup: PlanSetup, flopsPerImage: Double, backwardShare: Double, stage: ZeROStage) {
    guard let peak = setup.peakFlops else { return nil }
    let pass = Double(setup.batchSize) * flopsPerImage / (peak * setup.utilization)
    compute = pass * Double(setup.accumulation)
    let collectives = Collective.ofStep(setup, stage: stage)
    guard let bandwidth = setup.bandwidth, !collectives.isEmpty else {
      communication = collectives.isEmpty ? 0 : nil
      exposed = communication
      return
    }
    func seconds(_ collective: Collective) -> Double {
      collective.seconds(ranks: setup.worldSize, bandwidth: bandwidth, latency: setup.latency)
    }
    communication = collectives.reduce(0) { $0 + seconds($1) * Double($1.callsPerStep) }
    let gradients = collectives[0]
    let (once, backward) = (seconds(gradients), pass * backwardShare)
    var left = 0.0
    if stage == .weights {
      // Each pass gathers twice and scatters once; a piece of each has nothing to run beside.
      let gather = seconds(collectives[1])
      let ends = once / Double(gradients.pieces) + gather / Double(collectives[1].pieces)
      left += Double(setup.accumulation) * max(ends, once + 2 * gather - pass)
    } else {
      left += Double(gradients.callsPerStep) * max(once / Double(gradients.pieces), once - backward)
      if stage != .none { left += seconds(collectives[1]) }
    }
    exposed = left + seconds(collectives[collectives.count - 1])
  }
}
