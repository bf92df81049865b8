import Foundation
import Testing

struct PredictCommandTests {
  private func predict(_ more: [String]) throws -> Tool.Outcome {
    try Tool.run(["predict", "--checkpoint", try TrainedRun.shared().run] + more)
  }

  @Test func jsonHasLogitsInClassOrder() throws {
    let trained = try TrainedRun.shared()
    let outcome = try predict([trained.data, "--format", "json", "--top-k", "2", "--batch-size", "7"])
    #expect(outcome.code == 0)
    let list = try #require(outcome.json() as? [[String: Any]])
    #expect(list.count == 20)
    let files = try list.map { try #require($0["file"] as? String) }
    #expect(files.first == "\(trained.data)/dark/0.png")
    #expect(files == files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    for entry in list {
      let logits = try #require(entry["logits"] as? [Double])
      let guesses = try #require(entry["predictions"] as? [[String: Any]])
      let probabilities = try guesses.map { try #require($0["probability"] as? Double) }
      let indices = try guesses.map { try #require($0["index"] as? Int) }
      #expect(logits.count == 2)
      #expect(abs(probabilities.reduce(0, +) - 1) < 1e-9)
      #expect(probabilities == probabilities.sorted(by: >))
      #expect(Set(indices) == [0, 1])
      #expect(try guesses.map { try #require($0["class"] as? String) } == indices.map { TinyData.classes[$0] })
      let exponentials = logits.map { exp($0) }
      for (index, probability) in zip(indices, probabilities) {
        #expect(abs(exponentials[index] / exponentials.reduce(0, +) - probability) < 1e-6)
      }
    }
  }

  @Test func theModelHasLearnt() throws {
    let trained = try TrainedRun.shared()
    let list = try #require(try predict([trained.data, "--format", "json"]).json() as? [[String: Any]])
    let right = try list.filter { entry in
      let guesses = try #require(entry["predictions"] as? [[String: Any]])
      return (entry["file"] as? String)?.contains("/\(guesses[0]["class"] as? String ?? "-")/") == true
    }
    #expect(right.count >= 18)
  }

  @Test func csvAndTextSayTheSame() throws {
    let image = try TrainedRun.shared().image
    let json = try #require(
      try predict([image, "--format", "json", "--top-k", "1"]).json() as? [[String: Any]]
    )
    let guess = try #require((json.first?["predictions"] as? [[String: Any]])?.first)
    let csv = try predict([image, "--format", "csv", "--logits", "--top-k", "1"])
    #expect(csv.outputLines.first == "file,class_1,index_1,probability_1,logit_dark,logit_light")
    let cells = try #require(csv.outputLines.last?.split(separator: ","))
    #expect(cells.count == 6)
    #expect(String(cells[0]) == image)
    #expect(String(cells[1]) == guess["class"] as? String)
    let probability = try #require(guess["probability"] as? Double)
    #expect(abs((Double(cells[3]) ?? 0) - probability) < 1e-12)
    #expect(cells[4...].map { Float($0) } == (json.first?["logits"] as? [Double])?.map { Float($0) })
    let text = try predict([image, "--top-k", "1"])
    #expect(text.output == "\(image): \(cells[1]) \(String(format: "%.2f", 100 * probability)) %\n")
  }

  /// The run was trained with native products; the other library's differ in bits.
  @Test func predictionsHaveTheSameBitsAgain() throws {
    let data = try TrainedRun.shared().data
    let first = try predict([data, "--format", "json"]).output
    #expect(try predict([data, "--format", "json", "--matmul-backend", "native"]).output == first)
    #expect(try predict([data, "--format", "json"]).output == first)
    let refused = try predict([data, "--matmul-backend", "cublas"])
    #expect(refused.code == 2)
    #expect(refused.errors.contains("'cublas' is invalid for '--matmul-backend <name>'"))
  }

  @Test func namesSurviveCSV() throws {
    let trained = try TrainedRun.shared()
    let scratch = try Scratch()
    let name = "\(scratch.path)/a \"b\", c.png"
    try FileManager.default.copyItem(atPath: trained.image, toPath: name)
    let outcome = try predict([name, "--format", "csv"])
    #expect(outcome.output.contains("\"\(name.replacingOccurrences(of: "\"", with: "\"\""))\","))
  }

  @Test func aBadFileIsNamedAndTheOthersArePredicted() throws {
    let trained = try TrainedRun.shared()
    let scratch = try Scratch()
    try scratch.write(Array("no image".utf8), "broken.jpg")
    let outcome = try predict(["\(scratch.path)/broken.jpg", trained.image, "--format", "json"])
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("broken.jpg"))
    #expect((try outcome.json() as? [Any])?.count == 1)
    let alone = try predict(["\(scratch.path)/broken.jpg", "--format", "json", "--quiet"])
    #expect(alone.code == 1)
    #expect((try alone.json() as? [Any])?.isEmpty == true)
    #expect(alone.errorLines.count == 1)
  }

  @Test func theWeightsAreNamedUnlessQuiet() throws {
    let trained = try TrainedRun.shared()
    #expect(try predict([trained.image]).errors.contains("the trained weights"))
    let quiet = try predict([trained.image, "--quiet"])
    #expect(quiet.code == 0)
    #expect(quiet.errors.isEmpty)
    #expect(!quiet.output.isEmpty)
  }

  @Test func damagedWeightsFail() throws {
    let trained = try TrainedRun.shared()
    let scratch = try Scratch()
    let copy = "\(scratch.path)/checkpoint"
    let best = URL(fileURLWithPath: "\(trained.run)/checkpoints/best").resolvingSymlinksInPath().path
    try FileManager.default.copyItem(atPath: best, toPath: copy)
    let whole = try Tool.run(["predict", "--checkpoint", copy, trained.image])
    #expect(whole.code == 0)
    let handle = try #require(FileHandle(forWritingAtPath: "\(copy)/model.safetensors"))
    try handle.truncate(atOffset: 100)
    try handle.close()
    let outcome = try Tool.run(["predict", "--checkpoint", copy, trained.image])
    #expect(outcome.code == 1)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.contains("model.safetensors"))
  }

  /// Hidden folders are passed over, links are followed, and names of any bytes are opened and can be had again.
  @Test func whatAFolderHolds() throws {
    let trained = try TrainedRun.shared()
    let scratch = try Scratch()
    let script = """
      set -e
      mkdir -p set/.quarantine/files set/sub far
      cp '\(trained.image)' set/.quarantine/files/q.png
      cp '\(trained.image)' far/far.png
      cp '\(trained.image)' set/sub/line"$(printf '\\nx')".png
      cp '\(trained.image)' "set/$(printf '\\351').png"
      cp '\(trained.image)' "set/$(printf '\\350').png"
      ln -s ../../far set/sub/link
      ln -s ../../set set/sub/loop
      echo x > set/1.HEIC; echo x > set/2.heic; echo x > set/3.gif
      exec "$VITRAIL" predict --checkpoint '\(trained.run)' --quiet
      """
    let found = try Tool.run(script: script + " set --format json", in: scratch.path)
    #expect(found.code == 0, "\(found.errors)")
    let list = try #require(found.json() as? [[String: Any]])
    #expect(
      list.map { $0["file"] as? String } == [
        "set/sub/line\nx.png", "set/sub/link/far.png", "set/\\xe8.png", "set/\\xe9.png",
      ])
    #expect(list.map { $0["file_bytes"] as? String } == [nil, nil, "7365742fe82e706e67", "7365742fe92e706e67"])
    #expect(found.errorLines.count == 1 && found.errors.contains("2 .heic, 1 .gif cannot be read"), "\(found.errors)")
    // The same names as arguments.
    let csv = try Tool.run(script: script + " set/*.png --format csv --top-k 1", in: scratch.path)
    #expect(csv.code == 0, "\(csv.errors)")
    let lines = csv.outputLines
    #expect(lines.count == 3 && lines[0] == "file,class_1,index_1,probability_1,file_bytes")
    #expect(lines[1].hasSuffix(",7365742fe82e706e67") && lines[2].hasSuffix(",7365742fe92e706e67"))
  }
}
