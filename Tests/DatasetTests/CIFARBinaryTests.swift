import Augment
import DataTestSupport
import Testing

@testable import Dataset

/// Files of the real form, with fewer records.
struct CIFARBinaryTests {
  private static let names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]

  /// Two records to a file: labels 0 to 9 and then 0 and 1, with planes that tell pixel and channel apart.
  private func makeSet(in folder: ScratchFolder) throws {
    try folder.write(Self.names.joined(separator: "\n") + "\n\n", "batches.meta.txt")
    for batch in 0..<6 {
      let name = batch < 5 ? "data_batch_\(batch + 1).bin" : "test_batch.bin"
      try folder.write((0..<2).flatMap { Self.record(label: (2 * batch + $0) % 10) }, BytePath(name))
    }
  }

  private static func record(label: Int) -> [UInt8] {
    [UInt8(label)] + (0..<3).flatMap { channel in (0..<1024).map { value(label, channel, $0) } }
  }

  private static func value(_ label: Int, _ channel: Int, _ pixel: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: pixel * (channel + 1) + 50 * channel + label)
  }

  @Test func everyPixelIsKept() throws {
    let (raw, out) = (try ScratchFolder(), try ScratchFolder())
    try makeSet(in: raw)
    var seen: [Int] = []
    let count = try CIFARBinary.write(raw.path, to: out.path) { numDone, total in
      seen.append(numDone)
      #expect(total == 12)
    }
    #expect(count == 12)
    #expect(seen == Array(1...12))
    let train = try ImageFolder(root: out.path.appending("train"))
    let validation = try ImageFolder(root: out.path.appending("validation"), classes: Self.names)
    #expect(train.classes == Self.names)
    #expect(train.numSamplesPerClass == [Int](repeating: 1, count: 10))
    #expect(validation.numSamplesPerClass == [1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    for folder in [train, validation] {
      for (index, sample) in folder.samples.enumerated() {
        let image = try ImageDecoder().decode(try FileReader.read(folder.path(at: index)))
        #expect((image.width, image.height) == (32, 32))
        let expected = (0..<1024).flatMap { pixel in (0..<3).map { Self.value(sample.label, $0, pixel) } }
        #expect(image.pixels == expected)
      }
    }
    // A file is named for its place: label 7 is the second record of the fourth batch.
    #expect(try out.files("train/horse") == ["train/horse/data_batch_4-00001.png"])
  }

  @Test func damagedFilesAreNamed() throws {
    let cases: [(file: BytePath, bytes: [UInt8]?, error: CIFARError)] = [
      ("data_batch_2.bin", [1, 2, 3], .badLength(file: "data_batch_2.bin", count: 3)),
      ("data_batch_3.bin", [], .badLength(file: "data_batch_3.bin", count: 0)),
      ("test_batch.bin", Self.record(label: 10), .badLabel(file: "test_batch.bin", record: 0, label: 10)),
      ("batches.meta.txt", Array("airplane\nbird\n".utf8), .badClasses(file: "batches.meta.txt")),
      (
        "batches.meta.txt", Array(([".."] + Self.names.dropFirst()).joined(separator: "\n").utf8),
        .badClasses(file: "batches.meta.txt")
      ),
      (
        "batches.meta.txt", Array((["a/b"] + Self.names.dropFirst()).joined(separator: "\n").utf8),
        .badClasses(file: "batches.meta.txt")
      ),
      (
        "batches.meta.txt", Array((["truck"] + Self.names.dropFirst()).joined(separator: "\n").utf8),
        .badClasses(file: "batches.meta.txt")
      ),
    ]
    for (file, bytes, error) in cases {
      let (raw, out) = (try ScratchFolder(), try ScratchFolder())
      try makeSet(in: raw)
      if let bytes { try raw.write(bytes, file) }
      #expect(throws: error) { try CIFARBinary.write(raw.path, to: out.path) }
    }
    let empty = try ScratchFolder()
    #expect(throws: CIFARError.missing(file: "batches.meta.txt", folder: empty.path.description)) {
      try CIFARBinary.write(empty.path, to: empty.path)
    }
  }

  @Test func whoWatchesCanStop() throws {
    struct Stop: Error {}
    let (raw, out) = (try ScratchFolder(), try ScratchFolder())
    try makeSet(in: raw)
    #expect(throws: Stop.self) {
      _ = try CIFARBinary.write(raw.path, to: out.path) { numDone, _ in if numDone == 3 { throw Stop() } }
    }
  }
}
