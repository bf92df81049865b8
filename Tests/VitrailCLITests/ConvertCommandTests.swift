import Foundation
import Testing

/// `vitrail convert`
struct ConvertCommandTests {
  /// A safetensors file taken apart: metadata, the tensors' lines and bytes.
  private struct Parsed: Equatable {
    let metadata: [String: String]
    var tensors: [String: [String]] = [:]

    init(_ path: String) throws {
      let data = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      let size = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      let header = try JSONSerialization.jsonObject(with: Data(data[8..<8 + size])) as? [String: Any]
      var entries = try #require(header)
      metadata = entries.removeValue(forKey: "__metadata__") as? [String: String] ?? [:]
      for (name, entry) in entries {
        let entry = try #require(entry as? [String: Any])
        let range = try #require(entry["data_offsets"] as? [Int])
        let bytes = data[8 + size + range[0]..<8 + size + range[1]]
        tensors[name] = ["\(entry["dtype"] ?? "")", "\(entry["shape"] ?? "")", Data(bytes).base64EncodedString()]
      }
    }
  }

  /// A run with an average of its weights.
  private static let averaged = Result { () throws -> (scratch: Scratch, run: String) in
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data")
    let run = "\(scratch.path)/run"
    let outcome = try Tool.run(
      ["train", "--data", "\(scratch.path)/data", "--out", run, "--set", "training.ema={decay: 0.5}"]
        + TinyData.settings)
    try #require(outcome.code == 0, "\(outcome.errors)")
    return (scratch, run)
  }

  @Test(arguments: [
    (nil, "ema", "the average of the weights"), ("ema", "ema", "the average of the weights"),
    ("model", "model", "the trained weights"),
  ]) func theWeightsOfACheckpoint(_ asked: String?, file: String, words: String) throws {
    let run = try Self.averaged.get().run
    let scratch = try Scratch()
    let outcome = try Tool.run(
      ["convert", run, "--to", "timm", "out.safetensors"] + (asked.map { ["--weights", $0] } ?? []), in: scratch.path)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors.isEmpty)
    let best = URL(fileURLWithPath: "\(run)/checkpoints/best").resolvingSymlinksInPath().path
    let made = try Parsed("\(scratch.path)/out.safetensors")
    #expect(made.tensors == (try Parsed("\(best)/\(file).safetensors")).tensors)
    // The two are not one.
    let other = file == "ema" ? "model" : "ema"
    #expect(made.tensors != (try Parsed("\(best)/\(other).safetensors")).tensors)
    #expect(made.metadata == ["format": "pt"])
    #expect(made.tensors["blocks.0.attn.qkv.weight"]?.prefix(1) == ["F32"] && made.tensors["cls_token"] != nil)
    // What is said is what is there: float32 numbers.
    let numBytes = try made.tensors.values.reduce(0) { try $0 + #require(Data(base64Encoded: $1[2])).count }
    let line =
      "out.safetensors: \(made.tensors.count) tensors, \(numBytes / 4) parameters, \(numBytes) bytes, \(words) of "
    #expect(outcome.output == line + "\(best)\n")
  }

  /// The file is one that a training can start from.
  @Test func theFileIsReadAgain() throws {
    let trained = try TrainedRun.shared()
    let scratch = try Scratch()
    let made = try Tool.run(["convert", trained.run, "\(scratch.path)/a.safetensors", "--quiet"])
    #expect(made.code == 0 && made.output.isEmpty && made.errors.isEmpty)
    let next = try Tool.run(
      ["train", "--data", trained.data, "--out", "\(scratch.path)/run", "--init", "\(scratch.path)/a.safetensors"]
        + TinyData.settings + ["--dry-run"])
    #expect(next.code == 0, "\(next.errors)")
  }

  @Test func aFileIsOnlyReplacedByForce() throws {
    let run = try Self.averaged.get().run
    let scratch = try Scratch()
    try scratch.write(Array("mine".utf8), "out.safetensors")
    let refused = try Tool.run(["convert", run, "out.safetensors"], in: scratch.path)
    #expect(refused.code == 2 && refused.output.isEmpty)
    #expect(refused.errorLines.count == 1 && refused.errors.contains("--force"), "\(refused.errors)")
    #expect(try scratch.text("out.safetensors") == "mine")
    let forced = try Tool.run(["convert", run, "out.safetensors", "--force"], in: scratch.path)
    #expect(forced.code == 0, "\(forced.errors)")
    #expect(try Parsed("\(scratch.path)/out.safetensors").tensors.count > 10)
    let left = try FileManager.default.contentsOfDirectory(atPath: scratch.path).filter { $0.contains("safetensors") }
    #expect(left == ["out.safetensors"])
  }

  @Test func wrongUsageIsOneLine() throws {
    let trained = try TrainedRun.shared()
    let scratch = try Scratch()
    try scratch.write([], "bare.safetensors")
    try FileManager.default.createDirectory(atPath: "\(scratch.path)/empty", withIntermediateDirectories: true)
    let cases: [(arguments: [String], word: String)] = [
      (["nowhere", "a.safetensors"], "there is no file or folder 'nowhere'"),
      (["empty", "a.safetensors"], "there is no checkpoint in empty"),
      (["bare.safetensors", "a.safetensors"], "say which run or checkpoint"),
      ([trained.run, "a.pth"], "ends in .safetensors"),
      ([trained.run, "a.safetensors", "--weights", "ema"], "trained without training.ema"),
      ([trained.run, "\(trained.run)/checkpoints/best/a.safetensors"], "lies in a checkpoint"),
    ]
    for (arguments, word) in cases {
      let outcome = try Tool.run(["convert"] + arguments, in: scratch.path)
      #expect(outcome.code == 2, "\(arguments)")
      #expect(outcome.errorLines.count == 1 && outcome.errors.contains(word), "\(outcome.errors)")
      #expect(!scratch.exists("a.safetensors"))
    }
    let unknown = try Tool.run(["convert", trained.run, "a.safetensors", "--to", "keras"], in: scratch.path)
    #expect(unknown.code == 2 && unknown.errors.contains("timm"), "\(unknown.errors)")
  }

  /// Damage is found before anything is written, and a folder that is not there fails the work.
  @Test func whatFailsLeavesNothing() throws {
    let trained = try TrainedRun.shared()
    let scratch = try Scratch()
    let best = URL(fileURLWithPath: "\(trained.run)/checkpoints/best").resolvingSymlinksInPath().path
    try FileManager.default.copyItem(atPath: best, toPath: "\(scratch.path)/copy")
    let file = URL(fileURLWithPath: "\(scratch.path)/copy/model.safetensors")
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count - 5] ^= 1
    try bytes.write(to: file)
    let damaged = try Tool.run(["convert", "copy", "a.safetensors"], in: scratch.path)
    #expect(damaged.code == 1 && damaged.errorLines.count == 1 && damaged.errors.contains("checksum"))
    #expect(!scratch.exists("a.safetensors"))
    let nowhere = try Tool.run(["convert", best, "none/a.safetensors"], in: scratch.path)
    #expect(nowhere.code == 1 && nowhere.errors.contains("make its folder first"), "\(nowhere.errors)")
  }
}
