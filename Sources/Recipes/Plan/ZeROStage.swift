/// What of the training state each data-parallel rank keeps only a part of (Rajbhandari et al. 2020, arXiv:1910.02054).
/// Runs take stages 0 and 1 (`parallel.zero`); the others are planned by the same arithmetic.
public enum ZeROStage: Int, Sendable, CaseIterable, Comparable {
  /// Nothing: every rank keeps all.
  case none = 0
  /// The optimizer's state. An average of the weights stays whole.
  case optimizer = 1
  /// Gradients as well.
  case gradients = 2
  /// Weights as well.
  case weights = 3

  /// By what is shared out.
  public static func < (a: ZeROStage, b: ZeROStage) -> Bool { a.rawValue < b.rawValue }
}
