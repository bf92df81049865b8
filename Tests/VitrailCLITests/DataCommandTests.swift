import Augment
import Dataset
import Foundation
import TestSupport
import Testing

struct DataCommandTests {
  @Test func theDigitsAreCounted() throws {
    let scratch = try Scratch()
    let sample = try Tool.run(["data", "sample", "digits", "--out", "raw"], in: scratch.path)
    #expect(sample.code == 0, "\(sample.errors)")
    #expect(sample.outputLines.first?.split(separator: " ") == ["class", "images"])
    #expect(sample.outputLines.last?.split(separator: " ") == ["all", "1797"])
    #expect(sample.errors.contains("1797 images"))
    let folder = try ImageFolder(root: BytePath("\(scratch.path)/raw"))
    #expect(folder.samples.count == 1797)
    let counts = sample.outputLines.dropFirst().dropLast().map { $0.split(separator: " ").last.flatMap { Int($0) } }
    #expect(counts == folder.numSamplesPerClass)
  }

  @Test func aSplitCountsItsClasses() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "raw", numClasses: 3)
    let split = try Tool.run(
      ["data", "split", "raw", "--out", "split", "--ratio", "2:1", "--hard-link", "--quiet"], in: scratch.path)
    #expect(split.code == 0, "\(split.errors)")
    #expect(split.errors.isEmpty)
    #expect(
      split.outputLines.map { $0.split(separator: " ") } == [
        ["class", "train", "validation"], ["dark", "6", "4"], ["light", "6", "4"], ["middle", "6", "4"],
        ["all", "18", "12"],
      ])
    for (part, count) in [("train", 18), ("validation", 12)] {
      #expect(try ImageFolder(root: BytePath("\(scratch.path)/split/\(part)")).samples.count == count)
    }
    let again = try Tool.run(["data", "split", "raw", "--out", "again", "--ratio", "2:1"], in: scratch.path)
    #expect(again.output == split.output)
    #expect(again.errors.contains("splitting: 30 images"))
    let other = try Tool.run(
      ["data", "split", "raw", "--out", "other", "--ratio", "2:1", "--seed", "1"], in: scratch.path)
    func validation(_ folder: String) throws -> [String] {
      try ImageFolder(root: BytePath("\(scratch.path)/\(folder)/validation")).samples.map {
        $0.relativePath.description
      }
    }
    #expect(other.code == 0)
    #expect(try validation("again") == validation("split"))
    #expect(try validation("other") != validation("split"))
  }

  @Test func flowersComeInTheSizeAskedFor() throws {
    let scratch = try Scratch()
    let arguments = ["--count", "7", "--size", "64x48", "--seed", "3"]
    let outcome = try Tool.run(["data", "sample", "flowers", "--out", "raw"] + arguments, in: scratch.path)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.outputLines.last?.split(separator: " ") == ["all", "7"])
    #expect(outcome.errors.contains("drawing: 7 images"))
    let folder = try ImageFolder(root: BytePath("\(scratch.path)/raw"))
    #expect(folder.classes == ["daisy", "dandelion", "roses", "sunflowers", "tulips"])
    #expect(folder.samples.count == 7)
    let path = folder.path(at: 0).description
    let image = try ImageDecoder().decode([UInt8](Data(contentsOf: URL(fileURLWithPath: path))))
    #expect((image.width, image.height) == (64, 48))
    let again = try Tool.run(
      ["data", "sample", "flowers", "--out", "again", "--threads", "1", "--quiet"] + arguments, in: scratch.path)
    #expect(again.errors.isEmpty)
    let second = path.replacingOccurrences(of: "/raw/", with: "/again/")
    #expect(FileManager.default.contentsEqual(atPath: path, andPath: second))
  }

  @Test func anArchiveOfOnesOwnIsUnpackedAndCounted() throws {
    let scratch = try Scratch()
    let arguments = ["data", "download", "flowers", "--url", Fixture.path("archives/images.tgz"), "--out", "set"]
    // It is not the archive that the name stands for.
    let refused = try Tool.run(arguments, in: scratch.path)
    #expect(refused.code == 1)
    #expect(refused.errorLines.count == 1 && refused.errors.contains("228813984"), "\(refused.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
    let zeros = String(repeating: "0", count: 64)
    let wrong = try Tool.run(arguments + ["--checksum", "sha256:\(zeros)"], in: scratch.path)
    #expect(wrong.code == 1)
    let found = try #require(wrong.errors.firstMatch(of: /checksum (sha256:[0-9a-f]{64}) and not/))
    let taken = try Tool.run(arguments + ["--checksum", String(found.1)], in: scratch.path)
    #expect(taken.code == 0, "\(taken.errors)")
    #expect(
      taken.outputLines.map { $0.split(separator: " ") } == [
        ["class", "images"], ["dark", "2"], ["light", "1"], ["all", "3"],
      ])
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["set"])
    let quiet = try Tool.run(
      ["data", "download", "cifar10", "--url", Fixture.path("archives/cifar.tgz"), "--checksum", "none", "--quiet"],
      in: scratch.path)
    #expect(quiet.code == 0 && quiet.errors.isEmpty, "\(quiet.errors)")
    #expect(quiet.outputLines.first?.split(separator: " ") == ["class", "train", "validation"])
    #expect(quiet.outputLines.last?.split(separator: " ") == ["all", "10", "10"])
    #expect(scratch.exists("data/cifar10/train/truck"))
  }

  @Test func aStoppedDownloadSaysHowToGoOn() throws {
    // Something listens here and never answers.
    let listener = socket(AF_INET, streamType, 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        try #require(bind(listener, $0, length) == 0 && listen(listener, 4) == 0)
        try #require(getsockname(listener, $0, &length) == 0)
      }
    }
    let scratch = try Scratch()
    let url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/flowers.tgz"
    let started = try Tool.Started(
      ["data", "download", "flowers", "--url", url, "--out", "set"],
      environment: ["http_proxy": "", "all_proxy": ""], in: scratch.path)
    // The connection stands once the tool watches for signals.
    let connection = accept(listener, nil, nil)
    defer { close(connection) }
    started.process.interrupt()
    let outcome = started.wait()
    #expect(outcome.code == 130 && !outcome.wasSignalled, "\(outcome.errors)")
    #expect(outcome.errorLines.count == 1 && outcome.errors.contains("stopped"), "\(outcome.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
  }

  private var streamType: Int32 {
    #if canImport(Glibc)
      Int32(SOCK_STREAM.rawValue)
    #else
      Int32(SOCK_STREAM)
    #endif
  }
}
