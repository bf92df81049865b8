// A recipe with every setting, its value and one line about it. Keys and values come from the options themselves, so that
// none can be forgotten; only the explanations are written by hand (RecipeTemplate+Explanations.swift).
import Optim
import Settings

/// The commented recipe that `vitrail init` writes.
public enum RecipeTemplate {
  /// The recipe of `options`, which the loader reads back as the same options.
  public static func text(for options: RunOptions) -> String {
    var lines = [
      "# Every setting of a run, with its default. `null` leaves the choice to Vitrail; a line that is removed keeps its",
      "# default. data.path is the only one that has to be given. Check with, then train:",
      "#   vitrail train --config FILE --dry-run",
      "#   vitrail train --config FILE",
      "",
    ]
    append(OptionsEncoder.encode(options), path: "", depth: 0, to: &lines)
    return lines.joined(separator: "\n") + "\n"
  }

  private static let commentColumn = 32
  private static let maxColumn = 120

  private static func append(_ value: OptionsValue, path: String, depth: Int, to lines: inout [String]) {
    guard case .mapping(let entries) = value else { return }
    let indentation = String(repeating: "  ", count: depth)
    for entry in entries {
      let entryPath = path.isEmpty ? entry.key : "\(path).\(entry.key)"
      let explanation = explanations[entryPath]
      guard case .mapping = entry.value else {
        let yaml = OptionsValue.mapping([entry]).yaml.split(separator: "\n")
        lines += aligned(indentation + yaml[0], explanation, indentation) + yaml.dropFirst().map { indentation + $0 }
        continue
      }
      if depth == 0 { lines.append("") }
      lines += aligned(indentation + "\(entry.key):", explanation, indentation)
      append(entry.value, path: entryPath, depth: depth + 1, to: &lines)
      switch entryPath {
      case "optimizer": lines += otherTypes(of: OptimizerRegistry.self, than: entry.value)
      case "schedule": lines += otherTypes(of: ScheduleFamily.self, than: entry.value)
      default: break
      }
    }
  }

  private static func aligned(_ line: String, _ comment: String?, _ indentation: String) -> [String] {
    guard let comment else { return [line] }
    // A long value or comment stands by itself, so that the column of comments stays where it is.
    guard line.count < commentColumn, commentColumn + comment.count + 2 <= maxColumn else {
      return wrapped(comment, after: indentation + "# ") + [line]
    }
    return [line + String(repeating: " ", count: commentColumn - line.count) + "# \(comment)"]
  }

  private static func wrapped(_ text: String, after prefix: String) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= maxColumn {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(prefix + word)
      }
    }
    return lines
  }

  /// A line, or a few, for each type that was not chosen: a change of `type` brings its own keys. Those that it shares with the
  /// chosen one are not repeated.
  private static func otherTypes<Family: OptionsFamily>(of: Family.Type, than chosen: OptionsValue) -> [String] {
    let shared = Family.sharedKeys.intersection(chosen.keys)
    return Family.table.filter { .string($0.key) != chosen["type"] }.flatMap { name, type -> [String] in
      guard case .mapping(let entries) = OptionsEncoder.encode(type.init()) else { return [] }
      let keys = entries.filter { !shared.contains($0.key) }.map { OptionsValue.mapping([$0]).yaml.dropLast() }
      return wrapped("{\((["type: \(name)"] + keys).joined(separator: ", "))}", after: "  # ")
    }
  }
}
