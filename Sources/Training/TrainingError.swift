/// Why a run ended.
public enum TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The loss, or the gradients' norm, was no number any more. The weights are those before the step.
  case notFinite(step: Int, loss: Double, gradientNorm: Double, files: [String])
  /// The run directory is in use, or holds another run.
  case runDirectory(path: String, reason: String)
  /// A checkpoint belongs to something else.
  case mismatch(String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .notFinite(let step, let loss, let norm, let files):
      let shown = files.prefix(8).joined(separator: ", ")
      let more = files.count > 8 ? " and \(files.count - 8) more (metrics.jsonl lists all)" : ""
      return "step \(step) gave a loss of \(loss) with gradients of norm \(norm); the weights were not changed; "
        + "try a lower learning rate, clip_norm, or look at its files: \(shown)\(more)"
    case .runDirectory(let path, let reason): return "run directory \(path): \(reason)"
    case .mismatch(let message): return message
    }
  }
}
