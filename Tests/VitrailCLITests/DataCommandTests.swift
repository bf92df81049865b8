import Augment
import Dataset
import Foundation
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
}
