import Augment
import Dataset
import Foundation
import Testing

struct PreviewCommandTests {
  private func image(_ scratch: Scratch, _ name: String) throws -> ImageBuffer {
    try ImageDecoder().decode([UInt8](Data(contentsOf: URL(fileURLWithPath: "\(scratch.path)/\(name)"))))
  }

  @Test func theFirstImagesOfAnEpoch() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "it's data", numClasses: 3)
    let arguments = ["data", "preview", "--data", "it's data", "--count", "7", "--quiet"] + TinyData.settings
    let first = try Tool.run(arguments + ["--out", "a.png"], in: scratch.path)
    #expect(first.code == 0 && first.errors.isEmpty, "\(first.errors)")
    #expect(first.outputLines.count == 8)
    for line in first.outputLines.dropFirst() {
      let cells = line.split(separator: " ")
      #expect(cells.count == 3 && cells[2].hasPrefix(cells[1] + "/"))
    }
    // Seven images of 16 pixels, ten times as large, in three columns.
    let picture = try image(scratch, "a.png")
    #expect(picture.width == 3 * 166 + 6 && picture.height > 3 * 166)

    let workers = ["--set", "data.workers=3", "--out", "b.png"]
    #expect(try Tool.run(arguments + workers, in: scratch.path).output == first.output)
    #expect(FileManager.default.contentsEqual(atPath: "\(scratch.path)/a.png", andPath: "\(scratch.path)/b.png"))
    #expect(try Tool.run(arguments + ["--epoch", "2", "--out", "b.png"], in: scratch.path).code == 0)
    #expect(!FileManager.default.contentsEqual(atPath: "\(scratch.path)/a.png", andPath: "\(scratch.path)/b.png"))

    let small = ["--eval", "--scale", "1", "--columns", "2", "--out", "c.JPG"]
    #expect(try Tool.run(arguments + small, in: scratch.path).outputLines.count == 7)
    #expect(try image(scratch, "c.JPG").width == 2 * 22 + 6)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).count == 4)
  }

  @Test func aPictureThatIsTooLarge() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data", numClasses: 3, count: 30)
    let arguments = ["data", "preview", "--data", "data", "--out", "a.png", "--count", "70", "--columns", "70"]
    let outcome = try Tool.run(arguments + ["--scale", "64", "--quiet"] + TinyData.settings, in: scratch.path)
    #expect(outcome.code == 2 && outcome.errors.contains("--scale"), "\(outcome.errors)")
    #expect(!scratch.exists("a.png"))
  }
}
