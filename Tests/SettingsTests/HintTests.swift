import Foundation
import Settings
import Testing

/// What a message says beyond what is wrong: what to write instead.
@Suite struct HintTests {
  @Test func otherNamesLeadToTheSetting() {
    #expect(
      issues("num_epochs: 3\naverage: {learning_rate: 1}", "data.wd=0") == [
        "line 1: num_epochs: unknown key; did you mean 'epochs'?",
        "line 2: average.learning_rate: unknown key; did you mean 'optimizer.lr'?",
        "--set data.wd=0: data.wd: unknown key; did you mean 'optimizer.weight_decay'?",
      ])
    #expect(issues("learningRate: 1") == ["line 1: learningRate: unknown key; did you mean 'optimizer.lr'?"])
    #expect(OptionsLoader.path(of: "num_epochs", in: RunOptions.self) == "epochs")
    #expect(OptionsLoader.path(of: "batch_size", in: RunOptions.self) == "data.batch_size")
    #expect(OptionsLoader.path(of: "nothing", in: RunOptions.self) == nil)
  }

  @Test func aScalarInPlaceOfASectionIsGivenItsKey() {
    #expect(issues("average: 0.99") == ["line 1: average: found '0.99', expected a mapping, as in {decay: 0.99}"])
    #expect(
      issues("", "average=0.99") == [
        "--set average=0.99: average: found '0.99', expected a mapping, as in --set average.decay=0.99"
      ])
    #expect(issues("average: yes") == ["line 1: average: found 'yes', expected a mapping, {} for its defaults"])
    #expect(issues("average: fast") == ["line 1: average: found 'fast', expected a mapping of decay"])
    #expect(issues("data: photos") == ["line 1: data: found 'photos', expected a mapping, as in {root: photos}"])
    #expect(issues("data: [1]") == ["line 1: data: found a list of 1, expected a mapping"])
  }

  @Test func aByteOrderMarkIsPassedOver() throws {
    #expect(try load("\u{FEFF}epochs: 3\nwarmup_epochs: 2") == load("epochs: 3\nwarmup_epochs: 2"))
    #expect(try load("\u{FEFF}") == RunOptions())
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("bom-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("a.yaml")
    try Data([0xEF, 0xBB, 0xBF] + Array("epochs: 3\nseed: 4\n".utf8)).write(to: file)
    #expect(try OptionsLoader.load(RunOptions.self, path: file.path).seed == 4)
    try Data([0xFF, 0xFE, 0x61, 0x00]).write(to: file)
    let error = #expect(throws: OptionsError.self) { try OptionsLoader.load(RunOptions.self, path: file.path) }
    #expect(error?.issues.map(\.description) == ["is UTF-16 text: save it as UTF-8"])
  }

  private struct Odd: Validatable {
    struct Ratio: Codable, Sendable {
      struct Fault: Error, CustomStringConvertible { let description = "it is no ratio; write 4:1" }
      var text = "4:1"
      init() {}
      init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
        if !text.contains(":") { throw Fault() }
      }
      func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
      }
    }
    var split = Ratio()
  }

  @Test func aTypesOwnFaultIsToldWithoutTheTypesName() {
    let error = #expect(throws: OptionsError.self) { try OptionsLoader.load(Odd.self, yaml: "split: 4") }
    #expect(error?.issues.map(\.description) == ["line 1: split: found '4': it is no ratio; write 4:1"])
  }

  private struct State: Decodable {
    enum Kind: String, Decodable { case a }
    struct Inner: Decodable { var count: Int }
    var bestTop1: Inner
    var names: [String]
    var kind: Kind
  }

  @Test(arguments: [
    (#"{"names": [], "kind": "a"}"#, "'best_top1' is missing"),
    (#"{"bestTop1": {"count": "x"}, "names": [], "kind": "a"}"#, "'best_top1.count' is not a number"),
    (#"{"bestTop1": {"count": null}, "names": [], "kind": "a"}"#, "'best_top1.count' has no value"),
    (#"{"bestTop1": {"count": 1}, "names": [1], "kind": "a"}"#, "'names.0' is not a text"),
    (#"{"bestTop1": {"count": 1}, "names": {}, "kind": "a"}"#, "'names' is not a list"),
    (#"{"bestTop1": {"count": 1}, "names": [], "kind": "b"}"#, "'kind' has a value that is not allowed there"),
    ("[1]", "the file is not of the expected type"), ("{", "it is not valid JSON"),
  ]) func aDecodersErrorInPlainWords(json: String, expected: String) {
    let error = #expect(throws: DecodingError.self) { try JSONDecoder().decode(State.self, from: Data(json.utf8)) }
    #expect(error.map { plainReason(of: $0) } == expected)
  }

  @Test func theSystemsErrorsInItsOwnWords() throws {
    func reason(_ body: () throws -> Void) -> String {
      do { try body() } catch { return plainReason(of: error) }
      return "no error"
    }
    let missing = URL(fileURLWithPath: "/nowhere/x")
    #expect(reason { _ = try Data(contentsOf: missing) } == "No such file or directory")
    #expect(reason { try Data().write(to: missing) } == "No such file or directory")
    #expect(
      reason { try FileManager.default.createDirectory(at: missing, withIntermediateDirectories: false) }
        == "No such file or directory")
    #if os(Linux)
      let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
      #expect(reason { try full.write(contentsOf: Data([1])) } == "No space left on device")
    #endif
  }
}
