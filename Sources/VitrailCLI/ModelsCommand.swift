import ArgumentParser
import Foundation
import Settings
import Telemetry
import VisionModels

/// `vitrail models`
struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "List the models, with parameters, operations and input size.",
    discussion: """
      vitrail models
      vitrail models tiny --num-classes 5 --format json

      GFLOPs are those of a forward pass over one image; a multiply-add counts as two. Other sizes start from one of \
      these: vitrail train --model vit_tiny_patch16_224 --set model.depth=6 ...
      """)

  @Argument(help: ArgumentHelp("Only models whose name contains this.", valueName: "part-of-name"))
  var filter: String?

  @Option(help: "Number of classes of the head, which is part of the parameter count.")
  var numClasses = 1000

  @Option(help: "Output format.")
  var format = OutputFormat.text

  func validate() throws {
    if !(1...1_000_000).contains(numClasses) { throw ValidationError("--num-classes takes 1 to 1000000") }
  }

  func run() throws {
    let wanted = filter?.lowercased() ?? ""
    let presets = ViTPresets.all.filter { wanted.isEmpty || $0.name.contains(wanted) }
    guard !presets.isEmpty else {
      throw UsageError("no model has '\(filter ?? "")' in its name; `vitrail models` lists all")
    }
    let rows = presets.map { preset in
      var config = preset.config
      config.numClasses = numClasses
      return (name: preset.name, config: config, gflops: FLOPs(config).forward / 1e9)
    }
    guard format == .text else {
      let list = rows.map { row in
        OptionsValue.mapping([
          .init("name", .string(row.name)), .init("parameters", .int(Int64(row.config.numParameters))),
          .init("gflops", .double(row.gflops)), .init("image_size", .int(Int64(row.config.imageSize))),
          .init("patch_size", .int(Int64(row.config.patchSize))), .init("classes", .int(Int64(numClasses))),
        ])
      }
      return try StandardOutput.write(OptionsValue.list(list).json)
    }
    var table = TextTable(["name", "parameters", "GFLOPs", "input"], alignment: [.left, .right, .right, .right])
    for row in rows {
      table.append([
        row.name, String(format: "%.2f M", Double(row.config.numParameters) / 1e6),
        String(format: "%.2f", row.gflops), "\(row.config.imageSize)x\(row.config.imageSize)",
      ])
    }
    try StandardOutput.write(table.text)
  }
}
