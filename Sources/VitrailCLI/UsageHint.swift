import ArgumentParser
import Foundation
import Recipes
import Settings
import Telemetry

/// What to write instead, where the parser only knows what it does not understand.
struct UsageHint {
  /// The command that all others are below.
  let root: any ParsableCommand.Type

  /// Options by what other tools call them, in snake case.
  static let optionNames: [String: String] = [
    "weights": "checkpoint", "ckpt": "checkpoint", "ckpt_path": "checkpoint", "checkpoint_path": "checkpoint",
    "model_path": "checkpoint", "pretrained": "checkpoint", "run": "checkpoint",
    "dataset": "data", "data_dir": "data", "data_path": "data", "root": "data", "val": "data",
    "output": "out", "output_dir": "out", "out_dir": "out", "save_dir": "out",
    "num_workers": "workers", "jobs": "workers", "n_jobs": "workers", "batch": "batch-size", "bs": "batch-size",
    "arch": "model", "model_name": "model", "cfg": "config", "recipe": "config", "gpu": "device", "gpus": "device",
    "num_threads": "threads", "topk": "top-k", "k": "top-k", "silent": "quiet", "output_format": "format",
  ]

  /// The options of `train` that stand for a setting, by the setting's path.
  private static let settingOptions = [
    "data.path": "--data", "model.name": "--model", "model.weights": "--init", "out": "--out", "device": "--device",
    "threads": "--threads",
  ]

  /// The parser's message with a line of advice under its first one, where there is advice.
  ///
  /// - Parameters:
  ///   - message: What the parser would print.
  ///   - arguments: The command line, without the program's own name.
  func improved(_ message: String, arguments: [String]) -> String {
    let lines = message.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    guard let head = lines.first, let hint = hint(for: head, arguments) else { return message }
    // The parser's own guess goes by letters alone.
    let plain = String(head.replacing(/\. Did you mean '[^']*'\?$/, with: ""))
    return ([plain, "Hint:  \(hint)"] + lines.dropFirst().map(String.init)).joined(separator: "\n")
  }

  private func hint(for head: Substring, _ arguments: [String]) -> String? {
    if let option = head.firstMatch(of: /Unknown option '(-[^']+)'/)?.1 {
      return hint(forUnknown: String(option), arguments)
    }
    if let option = head.firstMatch(of: /Missing value for '(-[^ ']+)/)?.1 {
      guard let value = Self.value(after: String(option), in: arguments), value.hasPrefix("-"), Double(value) != nil
      else {
        return nil
      }
      return "a negative value is joined to its option: \(option)=\(value)"
    }
    if let option = head.firstMatch(of: /Missing expected argument '(--[^ ']+)/)?.1 {
      // It may have been given under another name.
      let names = arguments.filter { $0.hasPrefix("--") }.map { String($0.prefix { $0 != "=" }) }
      return names.lazy.filter { !options(of: arguments).contains($0) }
        .compactMap { hint(forUnknown: $0, arguments) }.first { $0.hasPrefix("the option is \(option):") }
    }
    if let text = head.firstMatch(of: /Unexpected argument '([^']+)'/)?.1 {
      return hint(forUnexpected: String(text), arguments)
    }
    return nil
  }

  private func hint(forUnknown option: String, _ arguments: [String]) -> String? {
    let name = snakeCase(String(option.drop { $0 == "-" }).replacingOccurrences(of: "-", with: "_"))
    let known = options(of: arguments)
    let value = Self.value(after: option, in: arguments)
    func written(_ other: String) -> String {
      let value = value.map { $0.hasPrefix("-") ? "=\($0)" : " \($0)" } ?? ""
      return "the option is \(other): \(other)\(printable(value))"
    }
    if known.contains("--set"), let path = OptionsLoader.path(of: name, in: RunOptions.self) {
      if let other = Self.settingOptions[path], known.contains(other) { return written(other) }
      return "settings are changed by --set: --set \(path)=\(value.map(printable) ?? "...")"
    }
    guard let other = Self.optionNames[name].map({ "--\($0)" }), known.contains(other) else { return nil }
    return written(other)
  }

  private func hint(forUnexpected text: String, _ arguments: [String]) -> String? {
    if arguments.first == "launch" {
      return "what the ranks run follows --: vitrail launch ... -- \(printable(text)) ..."
    }
    let known = options(of: arguments)
    if text.contains("="), known.contains("--set") { return "settings are changed by --set: --set \(printable(text))" }
    guard known.contains("--data"), !arguments.contains("--data"), FileManager.default.fileExists(atPath: text) else {
      return nil
    }
    return "the folder with the images follows --data: --data \(printable(text))"
  }

  /// What was written as an option's value, after '=' or as the next argument.
  private static func value(after option: String, in arguments: [String]) -> String? {
    for (index, argument) in arguments.enumerated() {
      if argument.hasPrefix("\(option)=") { return String(argument.dropFirst(option.count + 1)) }
      guard argument == option, index + 1 < arguments.count else { continue }
      let next = arguments[index + 1]
      return next.hasPrefix("-") && Double(next) == nil ? nil : next
    }
    return nil
  }

  /// The options of the command that the arguments name.
  private func options(of arguments: [String]) -> Set<String> {
    var command = root
    for argument in arguments {
      guard let next = command.configuration.subcommands.first(where: { $0.configuration.commandName == argument })
      else { break }
      command = next
    }
    let help = root.helpMessage(for: command, columns: 1000)
    return Set(help.matches(of: /(?m)^\s+(--[a-z-]+)/).map { String($0.1) })
  }
}
