import Augment
import Dataset
import Foundation
import Preprocessing
import Testing

struct ApplyCommandTests {
  private static func picture() -> ImageBuffer {
    var image = ImageBuffer(width: 31, height: 20)
    for index in image.pixels.indices { image.pixels[index] = UInt8(truncatingIfNeeded: index &* index / 37) }
    return image
  }

  private func apply(_ arguments: [String], in scratch: Scratch) throws -> Tool.Outcome {
    try Tool.run(["data", "apply"] + arguments, in: scratch.path)
  }

  @Test func oneTransformMakesOneFile() throws {
    let scratch = try Scratch()
    let image = Self.picture()
    try ImageFile.write(image, to: BytePath("\(scratch.path)/in.png"))
    let outcome = try apply(["Rotate(degrees=17)", "in.png", "out.png"], in: scratch)
    #expect(outcome.code == 0 && outcome.output.isEmpty && outcome.errors.isEmpty)
    #expect(try ImageFile.read(BytePath("\(scratch.path)/out.png")) == image.rotated(degrees: 17))
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted() == ["in.png", "out.png"])
    // In the order written, and over the file that it came from.
    let chain = try apply(
      ["invert", "in.png", "in.png", "--then", "Resize(size=[10, 12])", "--then", "VerticalFlip(probability=1)"],
      in: scratch)
    #expect(chain.code == 0, "\(chain.errors)")
    let expected = image.inverted().resized(width: 12, height: 10, interpolation: .bilinear).mirroredVertically()
    #expect(try ImageFile.read(BytePath("\(scratch.path)/in.png")) == expected)
  }

  @Test func theSeedDecidesWhatIsRandom() throws {
    let scratch = try Scratch()
    try ImageFile.write(Self.picture(), to: BytePath("\(scratch.path)/in.png"))
    func crop(_ seed: String) throws -> ImageBuffer {
      let outcome = try apply(["RandomResizedCrop(size=9)", "in.png", "out.png", "--seed", seed], in: scratch)
      #expect(outcome.code == 0, "\(outcome.errors)")
      return try ImageFile.read(BytePath("\(scratch.path)/out.png"))
    }
    #expect(try crop("1") == crop("1"))
    #expect(try crop("1") != crop("2"))
  }

  @Test func theImageIsTurnedUpright() throws {
    let scratch = try Scratch()
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let source = folder.appending(path: "Fixtures/images/jpeg-orientation-6.jpg").path
    let outcome = try apply(["Invert", source, "out.JPG", "--quality", "100"], in: scratch)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let upright = try ImageFile.read(BytePath(source))
    let written = try ImageFile.read(BytePath("\(scratch.path)/out.JPG"))
    #expect(written.width == 13 && written.height == 20 && upright.width == 13)
    let distance = zip(written.pixels, upright.inverted().pixels).map { abs(Int($0) - Int($1)) }.reduce(0, +)
    #expect(distance < written.pixels.count * 4)
  }

  @Test func faultsAreNamedAndWriteNothing() throws {
    let scratch = try Scratch()
    try ImageFile.write(Self.picture(), to: BytePath("\(scratch.path)/in.png"))
    try Data("no image".utf8).write(to: URL(filePath: "\(scratch.path)/text.png"))
    for (arguments, code, words) in [
      (["Rotat(degrees=17)", "in.png", "out.png"], 2, "did you mean 'Rotate'?"),
      (["Rotate(degree=17)", "in.png", "out.png"], 2, "did you mean 'degrees'?"),
      (["Rotate(degrees=nan)", "in.png", "out.png"], 2, "degrees"),
      (["Rotate(degrees=17", "in.png", "out.png"], 2, "character 18"),
      (["Equalize", "in.png", "out.png", "--then", "Posterize(bits=9)"], 2, "from 0 to 8"),
      (["Equalize", "in.png", "out.gif"], 2, "neither .png nor .jpg"),
      (["Equalize", "in.png", "out"], 2, "neither .png nor .jpg"),
      (["Equalize", "in.png", "out.jpg", "--quality", "0"], 2, "1 to 100"),
      (["Equalize", "none.png", "out.png"], 1, "none.png"),
      (["Equalize", ".", "out.png"], 1, "not a regular file"),
      (["Equalize", "text.png", "out.png"], 1, "neither JPEG, PNG nor WebP"),
      (["Equalize", "in.png", "missing/out.png"], 1, "missing"),
    ] {
      let outcome = try apply(arguments, in: scratch)
      #expect(outcome.code == code, "\(arguments) \(outcome.errors)")
      #expect(outcome.errors.contains(words), "\(arguments) \(outcome.errors)")
      #expect(outcome.output.isEmpty)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted() == ["in.png", "text.png"])
  }
}
