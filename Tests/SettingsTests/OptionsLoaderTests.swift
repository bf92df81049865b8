import Foundation
import Settings
import Testing

@Suite struct OptionsLoaderTests {
  @Test func missingKeysTakeDefaults() throws {
    #expect(try load("") == RunOptions())
    #expect(try load("# nothing\n") == RunOptions())
    #expect(try load("\u{FEFF}# nothing\r\nepochs: 10\r\n") == RunOptions())
    #expect(try load("---\n") == RunOptions())
    let options = try load("epochs: 3\ndata:\n  batch_size: 8\n")
    #expect(options.epochs == 3)
    #expect(options.warmupEpochs == 1)
    #expect(options.data.batchSize == 8)
    #expect(options.data.root == "data")
  }

  @Test func aSectionWithEverythingCommentedOutIsItsDefaults() throws {
    #expect(try load("data:\n  # batch_size: 8\noptimizer:\n") == RunOptions())
    #expect(issues("data: null") == ["line 1: data: found 'null', expected a mapping"])
  }

  @Test(arguments: [
    ("1e-3", 1e-3), (".05", 0.05), ("5.", 5), ("+2", 2), ("3", 3), ("1E+2", 100), ("0.1", 0.1),
    ("1e-320", 1e-300 * 1e-20),
  ])
  func numbers(text: String, value: Double) throws {
    #expect(try load("clip: \(text)").clip == value)
    #expect(try load("", "clip=\(text)").clip == value)
  }

  @Test(arguments: [
    "abc", "0x10", "nan", ".nan", "inf", "-.inf", "1e999", "1_0", "1e", "--1", ".", "\"1\"", "[1]", "{}",
  ])
  func notNumbers(text: String) {
    #expect(issues("clip: \(text)").count == 1)
    #expect(issues("", "clip=\(text)").count == 1)
  }

  @Test func integers() throws {
    #expect(try load("epochs: 1e3").epochs == 1000)
    #expect(try load("epochs: 010").epochs == 10)
    #expect(try load("seed: 18446744073709551615").seed == .max)
    #expect(issues("epochs: 1.5") == ["line 1: epochs: found '1.5', expected an integer"])
    #expect(issues("seed: -1") == ["line 1: seed: found '-1', expected an integer from 0 to 18446744073709551615"])
    #expect(issues("data: {maximum_pixels: 4294967296}").count == 1)
    #expect(issues("epochs: 9223372036854775808").count == 1)
    #expect(issues("epochs: 1e300").count == 1)
  }

  @Test func textsStayAsWritten() throws {
    for text in ["no", "001", "1e3", "true", "a b", "12:30:45"] { #expect(try load("name: \(text)").name == text) }
    #expect(try load("name: 'none'").name == "none")
    #expect(try load("name: |\n  a\n  b\n").name == "a\nb\n")
  }

  @Test func optionals() throws {
    for text in ["null", "~", "none", "None", ""] {
      #expect(try load("clip: \(text)").clip == nil)
      #expect(try load("clip: 3", "clip=\(text)").clip == nil)
    }
    #expect(try load("").clip == 1)
    #expect(try load("average: {}").average?.decay == 0.9999)
    #expect(try load("", "average.decay=.5").average?.decay == 0.5)
    #expect(try load("gaps: [1, null, 3]").gaps == [1, nil, 3])
    #expect(issues("epochs: none") == ["line 1: epochs: found 'none', expected an integer"])
    #expect(issues("clip: x") == ["line 1: clip: found 'x', expected a finite number"])
  }

  @Test func enumerations() throws {
    #expect(try load("data: {on_error: stop}").data.onError == .stop)
    #expect(try load("data: {on_warning: none}").data.onWarning == DataOptions.OnError.none)
    #expect(try load("data: {on_warning: null}").data.onWarning == nil)
    #expect(
      issues("data: {on_error: stpo}") == [
        "line 1: data.on_error: found 'stpo', expected one of skip, stop, none; did you mean 'stop'?"
      ])
    #expect(
      issues("data:\n  on_error: [stop]") == [
        "line 2: data.on_error: found a list of 1, expected one of skip, stop, none"
      ])
  }

  @Test func booleans() throws {
    for text in ["true", "yes", "on", "True"] { #expect(try load("use_amp: \(text)").useAMP) }
    #expect(issues("use_amp: 1") == ["line 1: use_amp: found '1', expected true or false"])
  }

  @Test func dictionariesAndRanges() throws {
    #expect(try load("labels: {catDog: 1, b: 2}").labels == ["catDog": 1, "b": 2])
    #expect(issues("labels: {a: x, b: y}").count == 2)
    let crop = try load("data: {transforms: [{type: random_resized_crop, scale: [0.6, 1]}]}").data.transforms[0]
    #expect((crop.options as? CropOptions)?.scale == 0.6...1)
    #expect(issues("data: {transforms: [{type: random_resized_crop, scale: [1, 0.6]}]}").count == 1)
    #expect(issues("data: {transforms: [{type: random_resized_crop, scale: [1]}]}").count == 1)
  }

  @Test func files() throws {
    let path = NSTemporaryDirectory() + "options-\(UUID().uuidString).yaml"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("epochs: 7\n".utf8).write(to: URL(fileURLWithPath: path))
    #expect(try OptionsLoader.load(RunOptions.self, path: path, overrides: ["seed=3"]).epochs == 7)
    try Data([0x61, 0x3A, 0xFF, 0xFE]).write(to: URL(fileURLWithPath: path))
    #expect(throws: OptionsError.self) { try OptionsLoader.load(RunOptions.self, path: path) }
    try Data(count: OptionsLoader.maximumBytes + 1).write(to: URL(fileURLWithPath: path))
    #expect(throws: OptionsError.self) { try OptionsLoader.load(RunOptions.self, path: path) }
    #expect(throws: OptionsError.self) { try OptionsLoader.load(RunOptions.self, path: NSTemporaryDirectory()) }
    let error = #expect(throws: OptionsError.self) { try OptionsLoader.load(RunOptions.self, path: "/no/such.yaml") }
    #expect("\(try #require(error))".contains("/no/such.yaml"))
  }
}
