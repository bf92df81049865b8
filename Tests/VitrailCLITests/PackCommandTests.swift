import Augment
import Dataset
import Foundation
import Testing

struct PackCommandTests {
  /// All files below a folder, hidden ones too, with their bytes.
  private func contents(_ folder: String) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for case let file as String in try #require(FileManager.default.enumerator(atPath: folder)) {
      var isFolder: ObjCBool = false
      let path = "\(folder)/\(file)"
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else { continue }
      contents[file] = try Data(contentsOf: URL(fileURLWithPath: path))
    }
    return contents
  }

  @Test func packIndexAndSubset() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "raw", numClasses: 3)
    let pack = try Tool.run(
      ["data", "pack", "raw", "--out", "shards", "--shards", "3,2", "--split", "4:1"], in: scratch.path)
    #expect(pack.code == 0, "\(pack.errors)")
    #expect(
      pack.outputLines.map { $0.split(separator: " ") } == [
        ["class", "train", "validation"], ["dark", "8", "2"], ["light", "8", "2"], ["middle", "8", "2"],
        ["all", "24", "6"],
      ])
    #expect(pack.errors.contains("30 image(s) were re-encoded"))
    #expect(pack.errors.contains("packing: 30 images"))
    let whole = try contents("\(scratch.path)/shards")
    #expect(whole.count == 11)
    let again = try Tool.run(
      ["data", "pack", "raw", "--out", "again", "--shards", "3,2", "--split", "4:1", "--workers", "5", "--quiet"],
      in: scratch.path)
    #expect(again.errors.isEmpty && again.output == pack.output)
    #expect(try contents("\(scratch.path)/again") == whole)

    try FileManager.default.removeItem(atPath: "\(scratch.path)/again/idx_files")
    let index = try Tool.run(["data", "index", "again", "--quiet"], in: scratch.path)
    #expect(index.output == "30 records in 5 shard(s); 5 index file(s) written, 0 were right\n")
    #expect(try contents("\(scratch.path)/again") == whole)

    let subset = try Tool.run(
      ["data", "subset", "shards", "--out", "subset", "--classes", "light,dark", "--fraction", "0.5", "--shards", "1"],
      in: scratch.path)
    #expect(
      subset.outputLines.map { $0.split(separator: " ") } == [
        ["class", "train", "validation"], ["dark", "4", "1"], ["light", "4", "1"], ["all", "8", "2"],
      ])
  }

  @Test(
    arguments: [
      (["data", "pack", "nothing", "--out", "x"], 2, "nothing"),
      (["data", "pack", "raw", "--out", "raw/x"], 2, "within"),
      (["data", "pack", "raw", "--out", "x", "--shards", "0"], 2, "shards"),
      (["data", "pack", "raw", "--out", "x", "--quality", "0"], 2, "--quality"),
      (["data", "pack", "raw", "--out", "x", "--workers", "0"], 2, "--workers"),
      (["data", "pack", "raw", "--out", "full"], 2, "not empty"),
      (["data", "pack", "bad", "--out", "x"], 1, "c/1.png"),
      (["data", "pack", "bad", "--out", "x", "--on-error", "stop"], 1, "c/1.png"),
      (["data", "index", "raw"], 2, "no shards"), (["data", "index", "nothing"], 2, "nothing"),
      (["data", "subset", "raw", "--out", "x"], 2, "no shards"),
      (["data", "subset", "raw", "--out", "x", "--fraction", "0"], 2, "--fraction"),
    ] as [([String], Int32, String)]) func mistakesAreOneLine(arguments: [String], code: Int32, words: String) throws
  {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "raw")
    try scratch.write([1], "full/file")
    try scratch.write(Array("no image".utf8), "bad/c/1.png")
    let outcome = try Tool.run(arguments, in: scratch.path)
    #expect(outcome.code == code)
    #expect(outcome.errorLines.contains { $0.contains(words) }, "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    if !outcome.errors.contains("Usage") { #expect(outcome.errorLines.count == 1, "\(outcome.errors)") }
  }

  /// Killed while it works, again and again, at moments that depend on what has been written; the end is the same.
  @Test func aKilledPackGoesOnToTheSameBytes() throws {
    let scratch = try Scratch()
    let flowers = try Tool.run(
      ["data", "sample", "flowers", "--out", "raw", "--count", "240", "--size", "160x120", "--quiet"], in: scratch.path)
    #expect(flowers.code == 0)
    func arguments(_ out: String, _ workers: Int) -> [String] {
      ["data", "pack", "raw", "--out", out, "--shards", "40,6", "--split", "5:1", "--quiet", "--workers", "\(workers)"]
    }
    #expect(try Tool.run(arguments("whole", 2), in: scratch.path).code == 0)
    let whole = try contents("\(scratch.path)/whole")
    var numKilled = 0
    for numShards in [0, 1, 7, 20, 39, 44] {
      let started = try Tool.Started(arguments("out", 1 + numShards % 3), in: scratch.path)
      while started.process.isRunning {
        let train = (try? FileManager.default.contentsOfDirectory(atPath: "\(scratch.path)/out/train")) ?? []
        let validation = (try? FileManager.default.contentsOfDirectory(atPath: "\(scratch.path)/out/validation")) ?? []
        if (train + validation).count(where: { !$0.hasPrefix(".") }) >= numShards, scratch.exists("out/.pack") {
          kill(started.process.processIdentifier, SIGKILL)
          break
        }
        usleep(500)
      }
      if started.wait().wasSignalled {
        numKilled += 1
        #expect(!scratch.exists("out/manifest.json"))
      }
    }
    // What would be kept had it not been damaged.
    if let shard = try FileManager.default.contentsOfDirectory(atPath: "\(scratch.path)/out/train").first(where: {
      !$0.hasPrefix(".")
    }) {
      try scratch.write([1, 2, 3], "out/train/\(shard)")
    }
    let end = try Tool.run(arguments("out", 2), in: scratch.path)
    #expect(end.code == 0, "\(end.errors)")
    #expect(numKilled >= 4)
    #expect(try contents("\(scratch.path)/out") == whole)
  }

  @Test func trainEvaluateAndBenchTakeShards() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "raw")
    #expect(try Tool.run(["data", "pack", "raw", "--out", "shards", "--split", "4:1"], in: scratch.path).code == 0)
    let train = try Tool.run(["train", "--data", "shards", "--out", "run"] + TinyData.settings, in: scratch.path)
    #expect(train.code == 0, "\(train.errors)")
    let plan = try Tool.run(["train", "--data", "shards", "--dry-run"] + TinyData.settings, in: scratch.path)
    #expect(plan.output.contains("16 images to train on, 4 to evaluate on"))
    #expect(plan.output.contains("verify: first"))
    for data in ["shards", "raw"] {
      let outcome = try Tool.run(
        ["evaluate", "--checkpoint", "run", "--data", data, "--format", "json"], in: scratch.path)
      #expect(outcome.code == 0, "\(outcome.errors)")
      let report = try #require(try outcome.json() as? [String: Any])
      #expect(report["samples"] as? Int == (data == "raw" ? 20 : 4))
    }
    let bench = try Tool.run(
      ["bench", "--mode", "loader", "--data", "shards", "--seconds", "0", "--batch-size", "4", "--quiet"],
      in: scratch.path)
    #expect(bench.code == 0, "\(bench.errors)")
  }

  @Test func foldersOfAnyBytesAndClassesOfAnyName() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "raw", numClasses: 3)
    let outcome = try Tool.run(
      script: """
        set -e
        mv raw/dark raw/3; mv raw/light raw/a,b; name=$(printf 'caf\\351'); mv raw "$name"
        "$VITRAIL" data split "$name" --out split --quiet
        "$VITRAIL" data pack split --out "$name-shards" --quiet
        "$VITRAIL" data index "$name-shards" --quiet
        "$VITRAIL" data subset "$name-shards" --out="$name-part" --class a,b --class 3 --quiet
        "$VITRAIL" data scan "$name-part" --quiet | head -1
        """, in: scratch.path)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.output.contains("caf\\xe9-part: 20 images in 2 classes"), "\(outcome.output)")
    for (arguments, words) in [
      (["--classes", "a,,b"], "--classes takes"), (["--classes", "2", "--class", "3"], "either"),
      (["--classes", ""], "--classes takes"),
    ] {
      let refused = try Tool.run(["data", "subset", "x", "--out", "y"] + arguments, in: scratch.path)
      #expect(refused.code == 2 && refused.errors.contains(words), "\(refused.errors)")
    }
  }
}
