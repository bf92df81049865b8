import Foundation
import Testing

/// What a shell offers behind an option that takes a path. Bash is asked itself; the other scripts are looked at.
struct CompletionTests {
  /// What bash offers for a line, whose last word is being typed, in a folder with `photos/`, `runs/`, `my.yaml`,
  /// `rate.svg` and `note.txt`.
  private func offers(_ line: [String], script: String, in folder: String) throws -> Set<String> {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    let words = (["vitrail"] + line).map { "'\($0)'" }.joined(separator: " ")
    let ask = """
      source '\(script)'
      COMP_WORDS=(\(words)); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
      COMPREPLY=(); _vitrail vitrail "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    process.arguments = ["--norc", "-c", ask]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Set(text.split(separator: "\n").map(String.init))
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/bin/bash"))) func bashOffersPaths() throws {
    let scratch = try Scratch()
    for name in ["photos/a/1.png", "runs/x/y", "my.yaml", "rate.svg", "note.txt"] { try scratch.write([], name) }
    let script = try Scratch()
    try script.write(Array(try Tool.run(["--generate-completion-script", "bash"]).output.utf8), "vitrail.bash")
    func offered(_ line: String...) throws -> Set<String> {
      try offers(line, script: "\(script.path)/vitrail.bash", in: scratch.path)
    }
    let folders: Set = ["photos", "runs"]
    let all: Set = ["photos", "runs", "my.yaml", "rate.svg", "note.txt"]
    #expect(try offered("train", "--data", "") == folders)
    #expect(try offered("train", "--data", "ph") == ["photos"])
    #expect(try offered("train", "--config", "") == folders.union(["my.yaml"]))
    #expect(try offered("train", "--plot-schedule", "") == folders.union(["rate.svg"]))
    for option in ["--init", "--resume"] { #expect(try offered("train", option, "") == all) }
    #expect(try offered("train", "--out", "") == folders)
    #expect(try offered("evaluate", "--checkpoint", "") == all)
    #expect(try offered("predict", "--checkpoint", "runs", "no") == ["note.txt"])
    #expect(try offered("data", "split", "") == folders)
    #expect(try offered("data", "scan", "photos", "--json", "n") == ["note.txt"])
    #expect(try offered("init", "m") == ["my.yaml"])
    // What takes no path offers none.
    #expect(try offered("train", "--threads", "").isDisjoint(with: all))
  }

  /// Every option whose value is called a file or a folder is completed as one, in each shell.
  @Test func noPathIsForgotten() throws {
    let dump = try #require(try Tool.run(["--experimental-dump-help"]).json() as? [String: Any])
    var forgotten: [String] = []
    func look(at command: [String: Any], _ path: String) {
      let name = "\(path) \(command["commandName"] as? String ?? "")"
      for argument in command["arguments"] as? [[String: Any]] ?? [] {
        let value = argument["valueName"] as? String ?? ""
        let isPath = ["dir", "file", "path", "raw", "svg", "image", "in", "out", "file-or-dir", "weights", "auto|path"]
        let kind = argument["completionKind"] as? [String: Any] ?? [:]
        if isPath.contains(value), kind["file"] == nil, kind["directory"] == nil {
          forgotten.append("\(name) \(value)")
        }
      }
      for below in command["subcommands"] as? [[String: Any]] ?? [] { look(at: below, name) }
    }
    look(at: try #require(dump["command"] as? [String: Any]), "")
    #expect(forgotten.isEmpty)
    let zsh = try Tool.run(["--generate-completion-script", "zsh"]).output
    #expect(zsh.contains("'--data[") && zsh.contains(":_files -/'") && zsh.contains("_files -g"))
    let fish = try Tool.run(["--generate-completion-script", "fish"]).output
    #expect(fish.contains("-l 'data' -d") && fish.contains("__fish_complete_directories"))
  }
}
