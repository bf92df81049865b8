import ArgumentParser
import Dataset
import Foundation
import Recipes
import Settings
import Telemetry

/// `vitrail init`
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write a recipe with every setting, its default and its meaning.",
    discussion: """
      vitrail init my.yaml --data photos
      vitrail train --config my.yaml --dry-run
      vitrail train --config my.yaml
      """)

  @Argument(
    help: ArgumentHelp("The file to write, which must not exist yet; standard output if left out.", valueName: "file"),
    completion: .file())
  var file: String?

  @Option(help: ArgumentHelp("The folder with the images; sets data.path.", valueName: "dir"), completion: .directory)
  var data = "data/photos"

  @Option(help: ArgumentHelp("The model; sets model.name; `vitrail models` lists them.", valueName: "name"))
  var model: String?

  @Flag(help: "Print only errors.")
  var quiet = false

  func run() throws {
    var options = RunOptions()
    options.data.path = data
    if let model { options.model.name = model }
    let recipe = RecipeTemplate.text(for: try options.validated(as: "settings"))
    guard let file else { return try StandardOutput.write(recipe) }
    do {
      try FileWriter.writeOutput(Array(recipe.utf8), to: BytePath(file), isNew: true)
    } catch {
      if error.code == EEXIST { throw UsageError("\(printable(file)) exists; choose another name, or remove it first") }
      guard let code = error.code, [ENOENT, ENOTDIR, EISDIR, EACCES, EROFS].contains(code) else { throw error }
      throw UsageError("\(printable(file)) cannot be written: \(plainReason(of: error))")
    }
    if !quiet {
      ConsoleOutput.standardError.line(
        "Wrote \(printable(file)); check it with: vitrail train --config \(printable(file)) --dry-run")
    }
  }
}
