import Foundation
import Settings
import Testing

@Suite struct HostileYAMLTests {
  @Test(arguments: [
    ("a: b: c", 1), ("epochs: [1, 2", 2), ("epochs: 1\n\t- x", 2), ("\"", 1), ("? [a, b]\n: 1", 1),
    ("epochs: *nothing", 1), ("name: !!python/object:os.system x", 1), ("epochs: !custom 3", 1), ("- 1\n- 2", 1),
    ("text", 1),
    ("epochs: 1\n---\nepochs: 2", 2), ("%YAML 9.9\n---\na: 1", 1), ("epochs: 1\u{0}", 1), ("<<: {epochs: 3}", 1),
  ])
  func oneIssueWithItsLine(yaml: String, line: Int) throws {
    let error = try #require(throws: OptionsError.self) { try OptionsLoader.load(RunOptions.self, yaml: yaml) }
    #expect(error.issues.count == 1, "\(error)")
    #expect(error.issues[0].origin == .line(line), "\(error)")
  }

  @Test func duplicateKeys() {
    #expect(
      issues("epochs: 1\nseed: 2\nepochs: 3") == ["line 1: written twice in one mapping: 'epochs'"])
    #expect(issues("data: {root: a, root: b}").count == 1)
  }

  @Test func keysThatAreNoText() throws {
    #expect(issues("? [1]\n: 2\nepochs: 3") == ["line 1: has a key that is no name"])
    #expect(issues("1: 2").count == 1)
    #expect(issues("null: 2").count == 1)
    #expect(issues("true: 2").count == 1)
  }

  @Test func aliasesWorkInModeration() throws {
    #expect(try load("name: &n abc\ndata: {root: *n}").data.root == "abc")
  }

  @Test func aliasBombs() {
    var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...30 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      bomb += "a\(level): &a\(level) [\(aliases)]\n"
    }
    #expect(issues(bomb).count == 1)
    #expect(issues(bomb + "? *a30\n: 1\n? *a30\n: 2\n").count == 1)
    // Few aliases of something large run into the budget of nodes.
    let large = Array(repeating: "x", count: 10_000).joined(separator: ", ")
    #expect(issues("labels: &a [\(large)]\ngaps: [*a, *a, *a]").contains { $0.contains("more values") })
    // Names in comments and texts are no aliases.
    let comments = String(repeating: "# *emphasis* in a comment\n", count: 100)
    #expect(issues(comments + "epochs: 3").isEmpty)
  }

  @Test func depth() {
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
      for depth in [65, 200, 2000, 100_000] {
        let text = "gaps: " + String(repeating: open, count: depth) + String(repeating: close, count: depth)
        #expect(issues(text).count >= 1)
      }
    }
    for depth in [70, 900, 5000] {
      #expect(issues(String(repeating: "- ", count: depth) + "x").count == 1)
      let nested = (0..<depth).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")
      #expect(issues(nested).count >= 1)
    }
  }

  @Test func size() {
    #expect(issues("name: " + String(repeating: "x", count: OptionsLoader.maximumBytes)).count == 1)
    #expect(issues("gaps: [" + String(repeating: "1,", count: 50_000) + "]").count == 1)
    // Long values are shown short.
    #expect(issues("epochs: " + String(repeating: "9", count: 10_000))[0].count < 200)
  }

  /// Cuts, repeats and changes bytes of a valid file; whatever comes out is either settings or a typed error.
  @Test func damagedFiles() {
    let valid = Array(OptionsEncoder.encode(RunOptions()).yaml.utf8)
    var state: UInt64 = 1
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let punctuation = Array("&*!%@`[]{}:-?|>'\"#,\n\t ~".utf8)
    var numErrors = 0
    for _ in 0..<1500 {
      var bytes = valid
      for _ in 0...random(4) {
        let start = random(bytes.count)
        switch random(4) {
        case 0: bytes[start] = UInt8(random(256))
        case 1: bytes.removeSubrange(start..<min(bytes.count, start + 1 + random(20)))
        case 2: bytes.insert(punctuation[random(punctuation.count)], at: start)
        default: bytes.insert(contentsOf: bytes[start..<min(bytes.count, start + random(30))], at: start)
        }
        if bytes.isEmpty { bytes = [0x61] }
      }
      do {
        _ = try OptionsLoader.load(RunOptions.self, yaml: String(decoding: bytes, as: UTF8.self))
      } catch {
        numErrors += 1
        #expect(!error.issues.isEmpty)
      }
    }
    #expect(numErrors > 500)
  }
}
