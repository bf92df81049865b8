import Foundation
import Testing
import Torch

@testable import Checkpoint

@Suite struct CheckpointStoreTests {
  struct State: Codable, Equatable {
    var bestTop1: Double
    var classes: [String]
    var note: String?
  }

  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
  var store: CheckpointStore { CheckpointStore(folder: folder) }
  let state = State(bestTop1: .infinity, classes: ["ü", "b"], note: nil)

  func weights(_ value: Double) -> StateDict { StateDict([(name: "w", tensor: Tensor.full([3], value))]) }

  @discardableResult func save(_ step: Int) throws -> SavedCheckpoint {
    try store.save(step: step, tensors: [("model", weights(Double(step)))], state: state)
  }

  @Test func whatWasSavedComesBack() throws {
    try store.link("last", to: try save(3))
    let found = try SavedCheckpoint(path: "\(folder)/last")
    #expect(found.step == 3 && found.has("model") && !found.has("ema"))
    #expect(try found.state(State.self) == state)
    #expect(try found.tensors("model")["w"]?.doubles() == [3, 3, 3])
    #expect(try store.linked("last").name == "step-00000003")
    #expect(throws: CheckpointError.self) { try store.linked("best") }
  }

  @Test func pruningKeepsTheNewestAndTheLinked() throws {
    let saved = try (1...6).map(save)
    try store.link("last", to: saved[5])
    try store.link("best", to: saved[1])
    store.prune(keepingNewest: 2)
    #expect(store.steps() == [2, 5, 6])
  }

  @Test func damagedCheckpointsArePassedOver() throws {
    for step in 1...3 { try save(step) }
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: "\(folder)/step-00000003/model.safetensors"))
    try FileManager.default.removeItem(atPath: "\(folder)/step-00000002/state.json")
    var passedOver: [CheckpointError] = []
    let newest = try #require(try store.newestWhole(passedOver: { passedOver.append($0) }, { $0 }))
    #expect(newest.step == 1 && passedOver.count == 2)
    // A new one of the same step stands beside the damaged one.
    let again = try save(3)
    #expect(again.name == "step-00000003.1")
    #expect(try store.newestWhole { $0.name } == again.name)
  }

  @Test func allDamagedIsAnErrorAndNoneIsNot() throws {
    #expect(try store.newestWhole { $0.step } == nil)
    try save(1)
    try Data("{}".utf8).write(to: URL(fileURLWithPath: "\(folder)/step-00000001/state.json"))
    #expect(throws: CheckpointError.self) { try store.newestWhole { $0.step } }
  }

  /// Every byte of every file counts: one flipped bit is found, in the state at once, in tensors as they are read.
  @Test func aFlippedBitIsFoundAndNamed() throws {
    let path = try save(1).path
    for (file, bit) in [("model.safetensors", 0), ("model.safetensors", 6), ("state.json", 0), ("state.json", 5)] {
      let url = URL(fileURLWithPath: "\(path)/\(file)")
      let whole = try Data(contentsOf: url)
      for index in whole.indices {
        var data = whole
        data[index] ^= 1 << bit
        try data.write(to: url)
        let error = #expect(throws: CheckpointError.self) { try SavedCheckpoint(path: path).tensors("model") }
        let message = error.map { "\($0)" } ?? "nothing"
        #expect(message.contains(file) && error?.isDamage == true, "bit \(bit) of byte \(index) of \(file): \(message)")
      }
      // Bytes of the same number that were never a file of tensors.
      try Data(repeating: 7, count: whole.count).write(to: url)
      #expect(throws: CheckpointError.self) { try SavedCheckpoint(path: path).tensors("model") }
      try whole.write(to: url)
    }
    #expect(try SavedCheckpoint(path: path).tensors("model")["w"]?.doubles() == [1, 1, 1])
  }

  /// Whole files of another checkpoint, and another format, are no part of this one.
  @Test func filesOfAnotherCheckpointAreRefused() throws {
    let (first, second) = (try save(1).path, try save(2).path)
    try FileManager.default.removeItem(atPath: "\(first)/model.safetensors")
    try FileManager.default.copyItem(
      atPath: "\(second)/model.safetensors", toPath: "\(first)/model.safetensors")
    let error = #expect(throws: CheckpointError.self) { try SavedCheckpoint(path: first).tensors("model") }
    #expect("\(error!)".contains("checksum"))
    let text = try String(contentsOfFile: "\(second)/state.json", encoding: .utf8)
    let newer = text.replacingOccurrences(of: "\"format\" : 3", with: "\"format\" : 4")
    #expect(newer != text)
    try Data(SavedCheckpoint.sealed(Array(newer.utf8))).write(to: URL(fileURLWithPath: "\(second)/state.json"))
    let other = #expect(throws: CheckpointError.self) { try SavedCheckpoint(path: second) }
    #expect("\(other!)".contains("format"))
  }

  /// Every file says what part of its tensors it holds; a part cannot be taken for the whole.
  @Test func partsAreNotTakenForTheWhole() throws {
    let tensors = StateDict([(name: "a", tensor: Tensor.ones([2, 3])), (name: "b", tensor: Tensor.ones([4]))])
    func save(_ layouts: [String: ShardLayout]) throws -> SavedCheckpoint {
      try store.save(step: 7, tensors: [("model", tensors)], layouts: layouts, state: ["x": 1])
    }
    let whole = try save(["b": ShardLayout(whole: [4])])
    #expect(try whole.tensors("model").names == ["a", "b"])
    let metadata = try SafeTensors.read("\(whole.path)/model.safetensors").metadata["shard_layout"]
    #expect(metadata == #"{"b":{"dim":0,"fullShape":[4],"ranges":[[0,4]]}}"#)
    let part = try save(["a": ShardLayout(of: [4, 3], dim: 0, ranges: [2..<4])])
    let error = #expect(throws: CheckpointError.self) { try part.tensors("model") }
    #expect("\(error!)".contains("only flat parts are joined"))
    // Of another shape than the tensor.
    #expect(throws: CheckpointError.self) { try save(["a": ShardLayout(whole: [4, 3])]).tensors("model") }
    // Layouts from outside that are none are errors, and no traps.
    for text in [
      #"{"fullShape":[4],"dim":7,"ranges":[]}"#, #"{"fullShape":[4],"dim":-1,"ranges":[[0,4]]}"#,
      #"{"fullShape":[-4],"dim":0,"ranges":[]}"#, #"{"fullShape":[4],"dim":0,"ranges":[[0,5]]}"#,
      #"{"fullShape":[4],"dim":0,"ranges":[[3,1]]}"#, #"{"dim":0}"#,
    ] {
      #expect(throws: DecodingError.self, "\(text)") {
        try JSONDecoder().decode(ShardLayout.self, from: Data(text.utf8))
      }
    }
  }

  /// Parts that several ranks have written make the whole again, in whichever order they lie; what is missing is damage.
  @Test func partsOfRanksAreJoined() throws {
    func layout(_ ranges: Range<Int>...) -> ShardLayout { ShardLayout(of: [6], dim: 0, ranges: ranges) }
    func save(_ parts: [(values: [Float], layout: ShardLayout)]) throws -> SavedCheckpoint {
      let staged = try store.stage(step: 3)
      var files: [String: FileContents] = [:]
      for (rank, part) in parts.enumerated() {
        let tensors = StateDict([(name: "a", tensor: Tensor(part.values)), (name: "step", tensor: Tensor([Float(9)]))])
        files.merge(
          try staged.write("optimizer", tensors, layouts: ["a": part.layout], shard: (rank, parts.count))
        ) { $1 }
      }
      return try store.commit(staged, files: files, state: ["x": 1])
    }
    let saved = try save([([2, 3], layout(2..<4)), ([0, 1, 4, 5], layout(0..<2, 4..<6))])
    #expect(saved.has("optimizer") && !saved.has("model"))
    let names = try FileManager.default.contentsOfDirectory(atPath: saved.path).sorted()
    #expect(names == ["optimizer-00001-of-00002.safetensors", "optimizer-00002-of-00002.safetensors", "state.json"])
    let tensors = try saved.tensors("optimizer")
    #expect(tensors["a"]?.array(Float.self) == [0, 1, 2, 3, 4, 5] && tensors["step"]?.array(Float.self) == [9])
    for parts in [
      [([2, 3], layout(2..<4)), ([0, 1, 5], layout(0..<2, 5..<6))],
      [([2, 3], layout(2..<4)), ([0, 1, 3, 4, 5], layout(0..<2, 3..<6))],
      [([0, 1, 2], layout(0..<3)), ([3, 4], layout(3..<5))],
      [([0, 1, 2], layout(0..<3)), ([3, 4, 5], ShardLayout(of: [7], dim: 0, ranges: [3..<6]))],
    ] as [[([Float], ShardLayout)]] {
      let broken = try save(parts)
      #expect(throws: CheckpointError.self) { try broken.tensors("optimizer") }
    }
    // Another disk than that of the process that staged it.
    #expect(throws: CheckpointError.self) {
      try StagedCheckpoint(step: 3, path: "\(folder)/nowhere").write("optimizer", tensors, shard: (1, 2))
    }
  }

  /// What `take` finds damaged gives way to an older one; other errors do not.
  @Test func damageFoundWhileReadingGivesWayToAnOlderOne() throws {
    for step in 1...3 { try store.link("last", to: try save(step)) }
    try store.link("best", to: try SavedCheckpoint(path: "\(folder)/step-00000002"))
    let url = URL(fileURLWithPath: "\(folder)/step-00000002/model.safetensors")
    var data = try Data(contentsOf: url)
    data[data.count - 1] ^= 1
    try data.write(to: url)
    func values(_ links: [String]) throws -> (values: [Double]?, passedOver: [String]) {
      var passedOver: [String] = []
      let found = try store.newestWhole(preferring: links, passedOver: { passedOver.append("\($0)") }) {
        try $0.tensors("model")["w"]?.doubles()
      }
      return (found ?? nil, passedOver)
    }
    #expect(try values([]).values == [3, 3, 3])
    let best = try values(["best", "last"])
    #expect(best.values == [3, 3, 3])
    #expect(best.passedOver.count == 1 && best.passedOver[0].contains("step-00000002/model.safetensors"))
    struct Other: Error {}
    #expect(throws: Other.self) { try store.newestWhole { _ in throw Other() } }
  }

  @Test func aDamagedStateIsToldInPlainWords() throws {
    let path = try save(1).path
    let file = URL(fileURLWithPath: "\(path)/state.json")
    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    for (written, expected) in [
      ("best_top2", "'state.best_top1' is missing"), ("classes\" : 3, \"x", "'state.classes' is not a list"),
    ] {
      let key = expected.contains("classes") ? "classes" : "best_top1"
      let changed = SavedCheckpoint.sealed(Array(text.replacingOccurrences(of: key, with: written).utf8))
      try Data(changed).write(to: file)
      let error = #expect(throws: CheckpointError.self) { try SavedCheckpoint(path: path).state(State.self) }
      #expect("\(try #require(error))".hasSuffix("state.json is damaged: \(expected)"))
    }
  }

  @Test func aMissingFolderIsToldByTheNameOfTheFile() throws {
    let error = #expect(throws: CheckpointError.self) { _ = try SummedWriter(path: "\(folder)/no/x.svg") }
    #expect(
      "\(try #require(error))"
        == "cannot access \(folder)/no/x.svg: No such file or directory; make its folder first")
  }

  @Test func leftoversOfAnInterruptedSaveGo() throws {
    try save(1)
    try FileManager.default.createDirectory(
      atPath: "\(folder)/.step-2.99.partial/x", withIntermediateDirectories: true)
    store.removeLeftovers()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["step-00000001"])
  }

  @Test func aFileThatCannotBeWrittenIsATypedError() throws {
    let blocked = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try Data().write(to: URL(fileURLWithPath: blocked))
    #expect(throws: CheckpointError.self) {
      try CheckpointStore(folder: blocked).save(step: 1, tensors: [], state: state)
    }
  }
}
