import Torch

/// Why ranks could not compute together.
public enum CollectiveError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Ranks did not come to the start.
  /// - Parameters: the rank that waited, seconds, the ranks that were missing, and where they were to meet.
  case notMet(rank: Int, seconds: Double, missing: [Int], place: String, reason: String)
  /// A collective failed.
  /// - Parameters: the rank that saw it, what it did, and the ranks that did not take part any more, with the last that
  ///   was heard of each; a reason where nothing better is known.
  case failed(rank: Int, operation: String, missing: [MissingRank], reason: String)
  /// Another rank ended by a failure of its own, which it could still tell, and the exit code that it chose for that.
  case otherRank(Int, reason: String, code: Int32)
  /// Ranks were started with different things.
  case different(rank: Int, what: String, own: String, first: String)
  /// The process group cannot be had.
  case unavailable(String)

  /// A rank that was not heard of any more.
  public struct MissingRank: Sendable, Equatable, CustomStringConvertible {
    /// Its number.
    public let rank: Int
    /// What it last said it did; nil where it never did.
    public let last: String?

    /// "rank 2 (last in step 11)"
    public var description: String { "rank \(rank)\(last.map { " (last in \($0))" } ?? "")" }
  }

  /// One line: what happened, where, and what to do.
  public var description: String {
    switch self {
    case .notMet(let rank, let seconds, let missing, let place, let reason):
      let who = missing.isEmpty ? "nobody answers" : "\(Self.list(missing)) did not come"
      return
        "rank \(rank) waited \(Self.text(seconds)) s at \(place): \(who) (\(reason)); start all ranks, and let them reach "
        + "that host and port"
    case .failed(let rank, let operation, let missing, let reason):
      guard !missing.isEmpty else { return "rank \(rank): \(operation) failed: \(reason)" }
      return
        "rank \(rank): \(operation) failed because of \(missing.map(\.description).joined(separator: ", ")), which died, "
        + "hangs or cannot be reached (\(reason)); resume the run, or start again, when it can"
    case .otherRank(let rank, let reason, _): return "rank \(rank) ended: \(reason)"
    case .different(let rank, let what, let own, let first):
      let (own, first) = Self.difference(own, first)
      return "rank \(rank) has another \(what) than rank 0: \(own), not \(first); start all ranks alike"
    case .unavailable(let reason): return reason
    }
  }

  /// Of texts of several lines the first that differs.
  private static func difference(_ own: String, _ first: String) -> (String, String) {
    var (own, first) = (own.split(separator: "\n")[...], first.split(separator: "\n")[...])
    while let line = own.first, line == first.first, own.count + first.count > 2 {
      own.removeFirst()
      first.removeFirst()
    }
    func text(_ line: Substring?) -> String {
      line.map { $0.trimmingPrefix { $0 == " " } }.map(String.init) ?? "nothing"
    }
    return (text(own.first), text(first.first))
  }

  private static func list(_ ranks: [Int]) -> String {
    let shown = ranks.prefix(8).map(String.init).joined(separator: ", ")
    return (ranks.count == 1 ? "rank " : "ranks ") + shown + (ranks.count > 8 ? ", ... (\(ranks.count))" : "")
  }

  private static func text(_ seconds: Double) -> String {
    seconds == seconds.rounded() ? String(Int(seconds)) : String((seconds * 10).rounded() / 10)
  }
}
