import Dataset
import Foundation
import Recipes
import Settings
import Telemetry
import Training

/// An evaluation for people and for programs.
enum EvaluationText {
  static func text(_ report: EvaluationReport, of images: EvaluationData) -> String {
    let matrix = confusion(report)
    let head = String(
      format: "%d images%@: loss %.4f, top-1 %.2f %%, top-5 %.2f %% (%.1f s)", report.numSamples,
      report.numBadSamples > 0 ? ", \(report.numBadSamples) left out" : "", report.loss, report.top1, report.top5,
      report.seconds)
    let part = images.split == .all ? "all images" : "\(images.split.rawValue) split"
    let scored = "scored: \(part) of \(printable(images.path)); \(images.trainedOnText)"
    return head + "\n" + scored + "\n\n" + matrix.classTable + "\n" + matrix.text()
  }

  /// docs/formats/evaluate.md lists the keys.
  static func json(_ report: EvaluationReport, of images: EvaluationData) -> String {
    let matrix = confusion(report)
    let classes = matrix.classes.indices.map { index in
      OptionsValue.mapping([
        .init("class", .string(matrix.classes[index])), .init("support", .int(Int64(matrix.support(of: index)))),
        .init("precision", number(matrix.precision(of: index))), .init("recall", number(matrix.recall(of: index))),
      ])
    }
    let scored = OptionsValue.mapping([
      .init("path", .string(images.path)), .init("split", .string(images.split.rawValue)),
      .init("images", .int(Int64(images.source.count))),
      .init("trained_on", images.numTrainedOn.map { .int(Int64($0)) } ?? .null),
    ])
    return OptionsValue.mapping([
      .init("data", scored), .init("samples", .int(Int64(report.numSamples))),
      .init("bad_samples", .int(Int64(report.numBadSamples))),
      .init("loss", number(report.loss)), .init("top1", number(report.top1)), .init("top5", number(report.top5)),
      .init("seconds", .double(report.seconds)), .init("classes", .list(classes)),
      .init("confusion", .list(matrix.rows.map { .list($0.map { .int(Int64($0)) }) })),
    ]).json
  }

  /// Every report of a classification has one.
  private static func confusion(_ report: EvaluationReport) -> ConfusionMatrix {
    report.confusion ?? ConfusionMatrix(classes: [])
  }

  private static func number(_ value: Double?) -> OptionsValue {
    value.map { $0.isFinite ? .double($0) : .null } ?? .null
  }
}
