import Foundation
import TestSupport
import Testing

/// The names of all commands and options stand in one file: a change of what users type is a change of that file.
struct SurfaceTests {
  @Test func commandsAndOptionsAreTheFrozenOnes() throws {
    let committed = String(decoding: try Fixture.data("command-surface.txt"), as: UTF8.self)
    let actual = try Self.surface(of: Self.dump())
    #expect(
      actual == committed, "if the change is meant, put this into Tests/Fixtures/command-surface.txt:\n\(actual)")
  }

  @Test func aLostOptionWouldShow() throws {
    var dump = try Self.dump()
    var command = try #require(dump["command"] as? [String: Any])
    let before = try Self.surface(of: dump)
    var subcommands = try #require(command["subcommands"] as? [[String: Any]])
    let train = try #require(subcommands.firstIndex { $0["commandName"] as? String == "train" })
    let options = try #require(subcommands[train]["arguments"] as? [[String: Any]])
    subcommands[train]["arguments"] = options.filter { ($0["valueName"] as? String) != "auto|path" }
    command["subcommands"] = subcommands
    dump["command"] = command
    #expect(
      try Self.surface(of: dump) == before.replacingOccurrences(of: "vitrail train [--resume <auto|path>]\n", with: ""))
    #expect(try Self.surface(of: dump) != before)
  }

  private static func dump() throws -> [String: Any] {
    try #require(try Tool.run(["--experimental-dump-help"]).json() as? [String: Any])
  }

  /// One line for each command and for each of its options, in the order of the help.
  private static func surface(of dump: [String: Any]) throws -> String {
    try lines(of: try #require(dump["command"] as? [String: Any]), under: "").map { $0 + "\n" }.joined()
  }

  private static func lines(of command: [String: Any], under path: String) throws -> [String] {
    let name = try #require(command["commandName"] as? String)
    guard name != "help" else { return [] }
    let full = path.isEmpty ? name : "\(path) \(name)"
    let arguments = (command["arguments"] as? [[String: Any]] ?? []).map { argument -> String in
      let names = (argument["names"] as? [[String: Any]] ?? []).compactMap { name -> String? in
        guard let text = name["name"] as? String else { return nil }
        return (name["kind"] as? String == "long" ? "--" : "-") + text
      }
      let value = "<\(argument["valueName"] as? String ?? "")>"
      let kind = argument["kind"] as? String
      let text =
        kind == "positional"
        ? value : kind == "flag" ? names.joined(separator: " ") : "\(names.joined(separator: " ")) \(value)"
      let repeated = argument["isRepeating"] as? Bool == true ? text + " ..." : text
      return argument["isOptional"] as? Bool == true ? "[\(repeated)]" : repeated
    }
    let shown = arguments.filter { !["[--version]", "[-h --help]"].contains($0) }
    let below = try (command["subcommands"] as? [[String: Any]] ?? []).flatMap { try lines(of: $0, under: full) }
    return [full] + shown.map { "\(full) \($0)" } + below
  }

  @Test(arguments: [
    [], ["init"], ["train"], ["evaluate"], ["predict"], ["convert"], ["launch"], ["data"], ["data", "sample"],
    ["data", "sample", "digits"],
    ["data", "sample", "flowers"], ["data", "download"], ["data", "split"], ["data", "scan"], ["data", "pack"],
    ["data", "index"], ["data", "subset"], ["data", "preview"], ["data", "apply"], ["models"], ["plan"], ["bench"],
    ["doctor"],
  ]) func helpIsOnStandardOutput(_ command: [String]) throws {
    let outcome = try Tool.run(command + ["--help"])
    #expect(outcome.code == 0)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.output.hasPrefix("OVERVIEW: "))
    #expect(outcome.output.contains("USAGE: vitrail"))
    // A line that is longer than a terminal is one that no one reads; the usage line is the parser's.
    #expect(outcome.outputLines.filter { $0.count > 80 && !$0.hasPrefix("USAGE") }.isEmpty)
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func completionsNameTheCommands(_ shell: String) throws {
    let outcome = try Tool.run(["--generate-completion-script", shell])
    #expect(outcome.code == 0)
    #expect(outcome.errors.isEmpty)
    for name in ["train", "predict", "doctor", "checkpoint"] { #expect(outcome.output.contains(name)) }
  }

  @Test func versionIsOneLine() throws {
    let outcome = try Tool.run(["--version"])
    #expect(outcome.code == 0)
    #expect(outcome.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }
}
