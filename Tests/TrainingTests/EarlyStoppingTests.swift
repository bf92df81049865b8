import Settings
import Testing

@testable import Training

@Suite struct EarlyStoppingTests {
  private func report(loss: Double = 1, top1: Double = 50) -> EvaluationReport {
    EvaluationReport(metrics: [Metric("loss", loss), Metric("top1", top1)], numSamples: 2)
  }

  /// The evaluation, counted from 1, after which a run ends; nil where it goes on.
  private func end(_ reports: [EvaluationReport], _ change: (inout EarlyStopping.Options) -> Void) -> Int? {
    var options = EarlyStopping.Options()
    change(&options)
    let stopping = EarlyStopping(options)
    var state: EarlyStopping.State?
    for (index, report) in reports.enumerated() {
      state = stopping.state(after: report, epoch: index + 1, before: state)
      if stopping.reason(in: state) != nil { return index + 1 }
    }
    return nil
  }

  @Test func aLossHasToFall() {
    let reports = [3, 2, 2, 2.5, 1.9, 2, 2, 2].map { report(loss: $0) }
    #expect(end(reports) { $0.patience = 1 } == 3)
    #expect(end(reports) { $0.patience = 2 } == 4)
    #expect(end(reports) { $0.patience = 3 } == 8)
    #expect(end(reports) { $0.patience = 4 } == nil)
  }

  @Test func anAccuracyHasToRise() {
    let reports = [10, 50, 60, 50, 60, 60.5].map { report(top1: $0) }
    func change(_ patience: Int, _ delta: Double) -> (inout EarlyStopping.Options) -> Void {
      return {
        $0.metric = .validationTop1
        $0.patience = patience
        $0.minimumDelta = delta
      }
    }
    #expect(end(reports, change(2, 0)) == 5)
    #expect(end(reports, change(3, 0)) == nil)
    #expect(end(reports, change(3, 0.5)) == 6)
    // A falling loss is no help.
    #expect(end([3, 2, 1].map { report(loss: $0) }, change(2, 0)) == 3)
  }

  @Test func smallStepsAddUp() {
    // Each is less than the delta below the one before, every third one is more below the best.
    let reports = [1, 0.96, 0.92, 0.88, 0.84, 0.8].map { report(loss: $0) }
    #expect(
      end(reports) {
        $0.patience = 3
        $0.minimumDelta = 0.1
      } == nil)
    #expect(
      end(reports) {
        $0.patience = 2
        $0.minimumDelta = 0.1
      } == 3)
  }

  @Test func whatIsNoNumberImprovesNothing() {
    #expect(end([.nan, .nan, 1, .nan].map { report(loss: $0) }) { $0.patience = 3 } == nil)
    #expect(end([.nan, .nan, .nan].map { report(loss: $0) }) { $0.patience = 3 } == 3)
    let stopping = EarlyStopping(EarlyStopping.Options())
    let state = stopping.state(after: report(loss: .nan), epoch: 1, before: nil)
    #expect(state.best == nil && state.numWithoutImprovement == 1)
  }

  @Test func anotherMetricStartsAnew() {
    var options = EarlyStopping.Options()
    options.patience = 1
    let stopping = EarlyStopping(options)
    let other = EarlyStopping.State(metric: "val_top1", best: 90, epoch: 3, numWithoutImprovement: 7)
    #expect(stopping.reason(in: other) == nil)
    let state = stopping.state(after: report(loss: 0.25), epoch: 4, before: other)
    #expect(state == .init(metric: "val_loss", best: 0.25, epoch: 4, numWithoutImprovement: 0))
    let next = stopping.state(after: report(loss: 0.5), epoch: 5, before: state)
    #expect(
      stopping.reason(in: next) == "early stopping: val_loss has not improved on 0.25 of epoch 4 for 1 evaluation")
  }

  @Test func settingsAreChecked() {
    for yaml in ["patience: 0", "minimum_delta: -1", "metric: train_loss", "mode: min"] {
      #expect(throws: OptionsError.self) { try OptionsLoader.load(EarlyStopping.Options.self, yaml: yaml) }
    }
    for yaml in ["start_step: 0", "num_steps: 0", "file: ../x.json", "file: .json", "file: trace"] {
      #expect(throws: OptionsError.self) { try OptionsLoader.load(ProfilerHook.Options.self, yaml: yaml) }
    }
  }
}
