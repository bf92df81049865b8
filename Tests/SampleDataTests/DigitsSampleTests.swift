import Augment
import DataTestSupport
import Testing

@testable import Dataset
@testable import SampleData

struct DigitsSampleTests {
  /// FNV-1a over label and values of every image, as scripts/reference/make_digits.py computes it from load_digits.
  private func checksum(_ digits: [DigitsSample.Digit]) -> UInt64 {
    var state: UInt64 = 0xCBF2_9CE4_8422_2325
    for digit in digits {
      for byte in [UInt8(digit.label)] + digit.values { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }
    return state
  }

  private var all: [DigitsSample.Digit] { (0..<DigitsSample.count).map { DigitsSample.digit(at: $0) } }

  @Test func equalToTheSource() {
    var digits = all
    #expect(digits.count == 1797)
    #expect(checksum(digits) == 0xD342_CE09_8B2A_951F)
    let counts = (0..<10).map { label in digits.count { $0.label == label } }
    #expect(counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    #expect(Array(digits[0].values.prefix(16)) == [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0])
    // The checksum sees one wrong value and two labels that changed places.
    let last = digits[1796]
    var values = last.values
    values[63] ^= 1
    digits[1796] = .init(label: last.label, values: values)
    #expect(checksum(digits) != 0xD342_CE09_8B2A_951F)
    digits[1796] = last
    digits.swapAt(0, 1)
    #expect(checksum(digits) != 0xD342_CE09_8B2A_951F)
  }

  @Test func enlargementKeepsFlatFieldsAndMiddles() {
    #expect(DigitEnlargement.enlarged([UInt8](repeating: 16, count: 64)) == [UInt8](repeating: 255, count: 1024))
    #expect(DigitEnlargement.enlarged([UInt8](repeating: 0, count: 64)) == [UInt8](repeating: 0, count: 1024))
    // One bright value at (row 2, column 5): the brightest pixels are the four in the middle of its square.
    var values = [UInt8](repeating: 0, count: 64)
    values[2 * 8 + 5] = 16
    let pixels = DigitEnlargement.enlarged(values)
    let peak = pixels.max() ?? 0
    let brightest = pixels.indices.filter { pixels[$0] == peak }.map { [$0 / 32, $0 % 32] }
    #expect(brightest == [[9, 21], [9, 22], [10, 21], [10, 22]])
    #expect(peak > 220)
  }

  @Test func imageFolder() throws {
    let scratch = try ScratchFolder()
    let out = scratch.path.appending("made/digits")
    try DigitsSample.write(to: out)
    let folder = try ImageFolder(root: out)
    #expect(folder.classes == (0..<10).map(String.init))
    #expect(folder.samples.count == 1797)
    #expect(folder.name(at: 0) == "0/0000.png")
    for index in stride(from: 0, to: 1797, by: 171) {
      let path = folder.path(at: index)
      let number = try #require(Int(path.lastComponent.description.prefix(4)))
      let image = try ImageDecoder().decode(FileReader.read(path))
      let digit = DigitsSample.digit(at: number)
      #expect(folder.samples[index].label == digit.label)
      #expect(image.width == 32 && image.height == 32)
      let grey = stride(from: 0, to: image.pixels.count, by: 3).map { image.pixels[$0] }
      #expect(grey == DigitEnlargement.enlarged(digit.values))
    }
    #expect(throws: SampleDataError.outputNotEmpty(out.description)) { try DigitsSample.write(to: out) }
    #expect(try FileTree.list(out.parent).count == 1)
    #expect(try ImageFolder(root: out).samples.count == 1797)
  }

  @Test func fileInTheWayIsRefused() throws {
    let scratch = try ScratchFolder()
    let file = try scratch.write("text", "digits")
    #expect(throws: SampleDataError.outputNotAFolder(file.description)) { try DigitsSample.write(to: file) }
    #expect(throws: FileError.self) { try DigitsSample.write(to: file.appending("inside")) }
    #expect(try scratch.files() == ["digits"])
  }
}
