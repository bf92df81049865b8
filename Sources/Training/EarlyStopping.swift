public import Settings

/// Ends a run whose evaluations no longer improve.
public struct EarlyStopping: Sendable {
  /// What has to improve.
  public enum Metric: String, Codable, Sendable, CaseIterable {
    /// The loss on the validation set, which should fall.
    case validationLoss = "val_loss"
    /// The share of right first guesses on the validation set in percent, which should rise.
    case validationTop1 = "val_top1"

    func value(of report: EvaluationReport) -> Double {
      switch self {
      case .validationLoss: report.loss
      case .validationTop1: report.top1
      }
    }
  }

  /// What can be set.
  public struct Options: Validatable, Equatable {
    /// What has to improve; a loss by falling, an accuracy by rising.
    public var metric = Metric.validationLoss
    /// How many evaluations in a row may bring no improvement before the run ends.
    public var patience = 10
    /// By how much the metric has to change, in its own unit, to count as improved.
    public var minimumDelta = 0.0

    /// Ten evaluations without a lower loss.
    public init() {}

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("patience", patience, atLeast: 1)
      issues.check(
        minimumDelta >= 0 && minimumDelta.isFinite, "minimum_delta", found: minimumDelta, "0 or more")
    }
  }

  /// What a checkpoint keeps of it.
  public struct State: Codable, Sendable, Equatable {
    /// What is watched.
    public var metric: String
    /// The value that was last an improvement; nil while every evaluation gave none that is a number.
    public var best: Double?
    /// The epoch of that value, counted from 1; 0 without one.
    public var epoch: Int
    /// Evaluations since then.
    public var numWithoutImprovement: Int
  }

  /// What was set.
  public let options: Options

  /// A watch over a run.
  public init(_ options: Options) { self.options = options }

  /// The state after an evaluation at the end of an epoch, counted from 1. What is no number improves nothing. A state of
  /// another metric counts as none.
  public func state(after report: EvaluationReport, epoch: Int, before state: State?) -> State {
    var next = state ?? State(metric: "", best: nil, epoch: 0, numWithoutImprovement: 0)
    if next.metric != options.metric.rawValue {
      next = State(metric: options.metric.rawValue, best: nil, epoch: 0, numWithoutImprovement: 0)
    }
    let value = options.metric.value(of: report)
    if improves(value, on: next.best) {
      return State(metric: next.metric, best: value, epoch: epoch, numWithoutImprovement: 0)
    }
    next.numWithoutImprovement += 1
    return next
  }

  /// Why the run should end, if it should.
  public func reason(in state: State?) -> String? {
    guard let state, state.metric == options.metric.rawValue, state.numWithoutImprovement >= options.patience else {
      return nil
    }
    let best = state.best.map { "\($0) of epoch \(state.epoch)" } ?? "NaN"
    let count = state.numWithoutImprovement == 1 ? "1 evaluation" : "\(state.numWithoutImprovement) evaluations"
    return "early stopping: \(options.metric.rawValue) has not improved on \(best) for \(count)"
  }

  private func improves(_ value: Double, on best: Double?) -> Bool {
    guard !value.isNaN else { return false }
    guard let best else { return true }
    switch options.metric {
    case .validationLoss: return value < best - options.minimumDelta
    case .validationTop1: return value > best + options.minimumDelta
    }
  }
}
