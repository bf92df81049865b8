import ArgumentParser
import Dataset
import Foundation
import Recipes
import Settings
import Telemetry

/// Writes predictions to standard output as they come.
struct PredictionWriter {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, csv }

  let format: Format
  let withLogits: Bool
  let classes: [String]
  /// Whether a name is not UTF-8, so that CSV has a column for bytes.
  let withBytes: Bool
  private var isFirst = true

  init(format: Format, withLogits: Bool, classes: [String], withBytes: Bool) {
    self.format = format
    self.withLogits = withLogits
    self.classes = classes
    self.withBytes = withBytes
  }

  mutating func write(_ prediction: ImagePrediction) throws {
    switch format {
    case .text: try StandardOutput.line(text(prediction))
    case .json: try StandardOutput.write((isFirst ? "[\n" : ",\n") + json(prediction))
    case .csv:
      if isFirst { try StandardOutput.line(csvHead(prediction)) }
      try StandardOutput.line(csv(prediction))
    }
    isFirst = false
  }

  func finish() throws {
    if format == .json { try StandardOutput.line(isFirst ? "[]" : "\n]") }
  }

  private func text(_ prediction: ImagePrediction) -> String {
    let guesses = prediction.guesses.map { "\($0.name) \(String(format: "%.2f", 100 * $0.probability)) %" }
    let line = "\(printable(prediction.file.description)): \(guesses.joined(separator: ", "))"
    return withLogits ? line + "\n  logits: \(prediction.logits)" : line
  }

  private func json(_ prediction: ImagePrediction) -> String {
    let entries: [OptionsValue.Entry] = [
      .init(
        "predictions",
        .list(
          prediction.guesses.map {
            .mapping([
              .init("class", .string($0.name)), .init("index", .int(Int64($0.index))),
              .init("probability", .double($0.probability)),
            ])
          })),
      .init("logits", .list(prediction.logits.map { .float($0) })),
    ]
    return OptionsValue.mapping(prediction.file.entries("file") + entries).json
  }

  private func csvHead(_ prediction: ImagePrediction) -> String {
    var columns = ["file"]
    for rank in 1...max(1, prediction.guesses.count) {
      columns += ["class_\(rank)", "index_\(rank)", "probability_\(rank)"]
    }
    if withLogits { columns += classes.map { "logit_\($0)" } }
    if withBytes { columns.append("file_bytes") }
    return columns.map(Self.quoted).joined(separator: ",")
  }

  private func csv(_ prediction: ImagePrediction) -> String {
    var cells = [prediction.file.text ?? prediction.file.description]
    for guess in prediction.guesses { cells += [guess.name, "\(guess.index)", "\(guess.probability)"] }
    if withLogits { cells += prediction.logits.map { "\($0)" } }
    if withBytes { cells.append(prediction.file.text == nil ? prediction.file.hexadecimal : "") }
    return cells.map(Self.quoted).joined(separator: ",")
  }

  /// RFC 4180: quotes around what holds a comma, a quote or a line break.
  private static func quoted(_ cell: String) -> String {
    guard cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return cell }
    return "\"\(cell.replacingOccurrences(of: "\"", with: "\"\""))\""
  }
}
