// What exchanges between ranks cost, by the model of a latency and a bandwidth: a message of n bytes takes a + n / b
// (Thakur, Rabenseifner, Gropp 2005, "Optimization of Collective Communication Operations in MPICH").

import Foundation

/// An exchange in which all ranks take part.
public struct Collective: Sendable, Equatable {
  /// The exchanges that training makes.
  public enum Kind: String, Sendable, CaseIterable {
    /// Every rank ends with the sum of all.
    case allReduce = "all_reduce"
    /// Every rank ends with its part of the sum.
    case reduceScatter = "reduce_scatter"
    /// Every rank ends with the parts of all.
    case allGather = "all_gather"
  }

  /// In which order messages go.
  public enum Algorithm: String, Sendable, CaseIterable {
    /// Around a ring: the fewest bytes (Patarasuk, Yuan 2009).
    case ring
    /// To a root and back by a binomial tree: the fewest messages. Of all-reduce alone.
    case tree
  }

  /// What of it ends where.
  public let kind: Kind
  /// What it is for: `gradients`, `weights`, `decision`.
  public let what: String
  /// Bytes of the whole vector.
  public let bytes: Double
  /// How often a step makes it.
  public let callsPerStep: Int
  /// The pieces in which it is made.
  public let pieces: Int

  /// Bytes that a rank sends in one call: of a ring's all-reduce 2 (R - 1) / R n, of the others (R - 1) / R n; of a tree's,
  /// in which a rank of the middle sends the vector up once and down once, 2 n.
  public func bytesSent(_ algorithm: Algorithm, ranks: Int) -> Double {
    guard ranks > 1 else { return 0 }
    let share = Double(ranks - 1) / Double(ranks) * bytes
    switch (algorithm, kind) {
    case (.tree, _): return 2 * bytes
    case (.ring, .allReduce): return 2 * share
    case (.ring, _): return share
    }
  }

  /// Messages that follow one another in one call: of a ring's all-reduce 2 (R - 1), of the others R - 1, of a tree's
  /// 2 log2 R, rounded up; as often as there are pieces.
  public func numMessages(_ algorithm: Algorithm, ranks: Int) -> Double {
    guard ranks > 1 else { return 0 }
    let once: Double =
      switch (algorithm, kind) {
      case (.tree, _): 2 * ceil(log2(Double(ranks)))
      case (.ring, .allReduce): 2 * Double(ranks - 1)
      case (.ring, _): Double(ranks - 1)
      }
    return once * Double(pieces)
  }

  /// Seconds of one call. A ring's messages carry a part of the vector each, a tree's the whole.
  public func seconds(_ algorithm: Algorithm, ranks: Int, bandwidth: Double, latency: Double) -> Double {
    let messages = numMessages(algorithm, ranks: ranks)
    switch algorithm {
    case .ring: return messages * latency + bytesSent(.ring, ranks: ranks) / bandwidth
    case .tree: return messages * (latency + bytes / Double(pieces) / bandwidth)
    }
  }

  /// Seconds of one call by the quicker algorithm of those that there are for it.
  public func seconds(ranks: Int, bandwidth: Double, latency: Double) -> Double {
    let algorithms: [Algorithm] = kind == .allReduce ? [.ring, .tree] : [.ring]
    return algorithms.map { seconds($0, ranks: ranks, bandwidth: bandwidth, latency: latency) }.min() ?? 0
  }

  /// The exchanges of one step under a stage: gradients in float32, once a step where each rank keeps all of them, else
  /// once a pass; weights in float32, gathered after the step, or, where they are shared out, before each forward and each
  /// backward pass; and one small decision that all ranks take together. None for a single rank.
  static func ofStep(_ setup: PlanSetup, stage: ZeROStage) -> [Collective] {
    guard setup.worldSize > 1 else { return [] }
    let numbers = PlanNumbers(setup)
    func make(_ kind: Kind, _ what: String, _ count: Double, _ calls: Int) -> Collective {
      Collective(
        kind: kind, what: what, bytes: 4 * count, callsPerStep: calls,
        pieces: max(1, Int((4 * count / numbers.pieceBytes).rounded(.up))))
    }
    let passes = setup.accumulation
    // Gloo, which joins processors, has no reduce-scatter: libtorch sums everything everywhere, and keeps a part.
    let scatter = setup.kernels == .cpu ? Kind.allReduce : .reduceScatter
    var list: [Collective]
    switch stage {
    case .none: list = [make(.allReduce, "gradients", numbers.trained, 1)]
    case .optimizer:
      list = [make(scatter, "gradients", numbers.trained, 1), make(.allGather, "weights", numbers.trained, 1)]
    case .gradients:
      list = [
        make(scatter, "gradients", numbers.trained, passes), make(.allGather, "weights", numbers.trained, 1),
      ]
    case .weights:
      list = [
        make(scatter, "gradients", numbers.trained, passes),
        make(.allGather, "weights", numbers.all, 2 * passes),
      ]
    }
    // Five float64: the samples, a flag, a place of its own, the loss and the right guesses.
    list.append(Collective(kind: .allReduce, what: "decision", bytes: 40, callsPerStep: 1, pieces: 1))
    return list
  }
}
