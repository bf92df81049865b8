import Foundation
import Testing
import Torch

@testable import Checkpoint

@Suite struct SafeTensorsTests {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  /// A file with the given header text and number of data bytes.
  func file(header: String, dataBytes: Int, claimed: Int? = nil) throws -> String {
    var bytes = withUnsafeBytes(of: Int64(claimed ?? header.utf8.count).littleEndian, Array.init)
    bytes += Array(header.utf8) + [UInt8](repeating: 1, count: dataBytes)
    let place = path(UUID().uuidString)
    try Data(bytes).write(to: URL(fileURLWithPath: place))
    return place
  }

  @Test func everyDTypeAndTheOrderComeBack() throws {
    var tensors = StateDict()
    for dtype in DType.allCases {
      tensors["t.\(dtype)"] = Tensor([0, 1, 1, 0, 1, 1] as [Double]).to(dtype).reshape([2, 3])
    }
    tensors["scalar"] = Tensor.full([], 3.5)
    tensors["empty"] = Tensor.zeros([0, 4])
    tensors["non-contiguous \"ü\""] = Tensor.arange(0, 6, dtype: .float32).reshape([2, 3]).transpose(0, 1)
    try SafeTensors.write(tensors, metadata: ["a": "b\n\"c\""], to: path("x.safetensors"))
    let read = try SafeTensors.read(path("x.safetensors"))
    #expect(read.metadata == ["a": "b\n\"c\""])
    #expect(Set(read.tensors.names) == Set(tensors.names))
    for entry in tensors.entries {
      let other = try #require(read.tensors[entry.name])
      #expect(other.dtype == entry.tensor.dtype && other.isEqual(to: entry.tensor.contiguous()))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
  }

  @Test(.timeLimit(.minutes(1))) func linksStayAndPipesAreWrittenTo() throws {
    var tensors = StateDict()
    tensors["a"] = Tensor([1, 2, 3] as [Double])
    try SafeTensors.write(tensors, to: path("plain"))
    let plain = try Data(contentsOf: URL(fileURLWithPath: path("plain")))
    try FileManager.default.createSymbolicLink(atPath: path("link"), withDestinationPath: "target")
    try SafeTensors.write(tensors, to: path("link"))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path("link")) == "target")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path("target"))) == plain)
    try SafeTensors.write(StateDict(), to: path("plain"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: path("target"))) == plain)

    #expect(mkfifo(path("pipe"), 0o600) == 0)
    let pipe = path("pipe")
    let reader = Thread { [received] in
      received.data = (try? FileHandle(forReadingFrom: URL(fileURLWithPath: pipe)).readToEnd()) ?? Data()
    }
    reader.start()
    try SafeTensors.write(tensors, to: pipe)
    while !reader.isFinished { sched_yield() }
    #expect(received.data == plain)
    #expect(throws: CheckpointError.self) { try SafeTensors.write(tensors, to: folder.path) }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["link", "pipe", "plain", "target"])
  }

  private final class Received: @unchecked Sendable { var data = Data() }
  private let received = Received()

  static let malformed: [(String, Int, Int?)] = [
    ("", 0, nil),
    ("{}", 5, nil),
    ("[]", 0, nil),
    ("{", 0, nil),
    ("{}", 0, 1 << 40),
    ("{}", 0, -1),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 3, nil),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, nil),
    (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, nil),
    (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0, nil),
    (#"{"a":{"dtype":"Q4","shape":[1],"data_offsets":[0,4]}}"#, 4, nil),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, nil),
    (#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, 4, nil),
    (
      #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#, 3,
      nil
    ),
    (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, 2, nil),
    (#"{"__metadata__":{"a":1}}"#, 0, nil),
    (#"{"a":3}"#, 0, nil),
  ]

  @Test(arguments: malformed.indices) func malformedFilesAreRefused(index: Int) throws {
    let (header, dataBytes, claimed) = Self.malformed[index]
    let place = try file(header: header, dataBytes: dataBytes, claimed: claimed)
    #expect(throws: CheckpointError.self) { try SafeTensors.read(place) }
  }

  @Test func missingFilesAndFoldersAreRefused() {
    #expect(throws: CheckpointError.self) { try SafeTensors.read(path("none")) }
    #expect(throws: CheckpointError.self) { try SafeTensors.read(folder.path) }
    #expect(throws: CheckpointError.self) { try SafeTensors.write(StateDict(), to: path("no/such/folder")) }
  }

  @Test func everyTruncationAndManyCorruptionsEndInAnErrorOrTensors() throws {
    var tensors = StateDict()
    tensors["w"] = Tensor.ones([3, 4])
    tensors["b"] = Tensor.ones([5])
    try SafeTensors.write(tensors, metadata: ["k": "v"], to: path("whole"))
    let whole = try Data(contentsOf: URL(fileURLWithPath: path("whole")))
    for length in 0..<whole.count {
      try whole.prefix(length).write(to: URL(fileURLWithPath: path("cut")))
      #expect(throws: CheckpointError.self) { try SafeTensors.read(path("cut")) }
    }
    var state: UInt64 = 1
    func below(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    for _ in 0..<500 {
      var bytes = whole
      bytes[below(whole.count)] = UInt8(below(256))
      try bytes.write(to: URL(fileURLWithPath: path("bent")))
      _ = try? SafeTensors.read(path("bent"))
    }
  }
}
