import Augment
import Dataset
import Testing

/// Files that lie, end early or want too much: each gets its own kind of error, and none is decoded into garbage.
@Suite struct CodecHostileTests {
  static func error(_ bytes: [UInt8], decoder: ImageDecoder = ImageDecoder()) -> ImageError? {
    do {
      _ = try decoder.decode(bytes)
      return nil
    } catch {
      return error
    }
  }

  static func patched(_ file: String, at offset: Int, _ bytes: [UInt8]) -> [UInt8] {
    var data = CodecFixtures.bytes(of: file)
    data.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    return data
  }

  static func position(of pattern: [UInt8], in bytes: [UInt8]) -> Int {
    (0..<bytes.count - pattern.count).first { bytes[$0..<$0 + pattern.count].elementsEqual(pattern) }!
  }

  @Test func whatIsNoImageIsNamedSo() {
    #expect(Self.error([]) == .empty)
    #expect(Self.error(Array("not an image".utf8)) == .unknownFormat)
    #expect(Self.error(Array("GIF89a and so on".utf8)) == .unknownFormat)
    #expect(Self.error([0xFF]) == .unknownFormat)
    #expect(Self.error(Array("RIFF1234WAVEfmt ".utf8)) == .unknownFormat)
    for error in [ImageError.empty, .unknownFormat, .truncated(.png), .outOfMemory(.webp)] {
      #expect(!error.description.contains("\n") && error.description.count > 10)
    }
  }

  /// Cut at every length: an error, never a crash, and never a picture.
  @Test(arguments: [
    "jpeg-420.jpg", "jpeg-progressive.jpg", "jpeg-restart.jpg", "png-rgb.png", "png-rgb-interlaced.png",
    "webp-lossy.webp", "webp-lossless.webp",
  ])
  func everyCutIsAnError(file: String) {
    let bytes = CodecFixtures.bytes(of: file)
    let format = ImageFormat(rawValue: CodecFixtures.all.images.first { $0.file == file }!.format)!
    for length in stride(from: 0, to: bytes.count, by: 7) {
      let error = Self.error(Array(bytes[..<length]))
      let expected: [ImageError?] =
        length == 0 ? [.empty] : length < 12 ? [.unknownFormat, .truncated(format)] : [.truncated(format)]
      #expect(expected.contains(error), "\(length) of \(bytes.count)")
    }
  }

  /// Three times the pixels of such a header are more than a number holds.
  @Test(arguments: [Int.max, 1 << 32 + 1, 1 << 32]) func noLimitLetsSizesOverflow(limit: Int) {
    let side: [UInt8] = [0x7F, 0xFF, 0xFF, 0xFF]
    var decoder = ImageDecoder()
    decoder.maxPixels = limit
    let bytes = Self.patched("png-rgb.png", at: 16, side + side)
    let expected = ImageError.tooManyPixels(width: 0x7FFF_FFFF, height: 0x7FFF_FFFF, limit: 1 << 32)
    #expect(Self.error(bytes, decoder: decoder) == expected)
  }

  @Test func aLimitBelowOnePixelIsOne() throws {
    var decoder = ImageDecoder()
    decoder.maxPixels = -1
    let bytes = CodecFixtures.bytes(of: "png-rgb.png")
    let header = try ImageHeader.read(bytes)
    let expected = ImageError.tooManyPixels(width: header.width, height: header.height, limit: 1)
    #expect(Self.error(bytes, decoder: decoder) == expected)
  }

  @Test func aCutBehindTheCropIsNoticedToo() {
    for file in ["crop-420.jpg", "crop-progressive.jpg", "png-rgb.png"] {
      let bytes = CodecFixtures.bytes(of: file)
      let crop = PixelRect(x: 0, y: 0, width: 8, height: 2)
      #expect(throws: ImageError.self) { try ImageDecoder().decode(Array(bytes.dropLast(20)), crop: crop) }
    }
  }

  @Test func theEndOfAFileMayHoldMore() {
    let bytes = CodecFixtures.bytes(of: "jpeg-420.jpg")
    #expect(Self.error(bytes + Array("a trailer".utf8)) == nil)
    let cut = Array(bytes[..<(bytes.count / 2)])
    #expect(Self.error(cut) == .truncated(.jpeg))
    #expect(Self.error(cut + Array(repeating: 0, count: 100)) == .truncated(.jpeg))
  }

  @Test func hugeHeadersAreRefusedBeforeAnythingIsAllocated() {
    let frame = Self.position(of: [0xFF, 0xC0], in: CodecFixtures.bytes(of: "jpeg-420.jpg"))
    let jpeg = Self.patched("jpeg-420.jpg", at: frame + 5, [0xFF, 0xDC, 0xFF, 0xDC])
    #expect(Self.error(jpeg) == .tooManyPixels(width: 65500, height: 65500, limit: 179_000_000))
    let png = Self.patched("png-rgb.png", at: 16, [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
    #expect(
      Self.error(png) == .tooManyPixels(width: 0x7FFF_FFFF, height: 0x7FFF_FFFF, limit: 179_000_000))
    var decoder = ImageDecoder()
    decoder.maxPixels = 41 * 37 - 1
    let photo = CodecFixtures.bytes(of: "jpeg-420.jpg")
    #expect(Self.error(photo, decoder: decoder) == .tooManyPixels(width: 41, height: 37, limit: 41 * 37 - 1))
    decoder.maxPixels += 1
    #expect(Self.error(photo, decoder: decoder) == nil)
  }

  /// A header that promises more than the data holds, within the limit.
  @Test func promisesAreChecked() {
    let frame = Self.position(of: [0xFF, 0xC0], in: CodecFixtures.bytes(of: "jpeg-420.jpg"))
    let taller = Self.patched("jpeg-420.jpg", at: frame + 5, [0x03, 0xE8])
    #expect(
      [.truncated(.jpeg), .corrupt(.jpeg, "Corrupt JPEG data: premature end of data segment")]
        .contains(Self.error(taller)))
    #expect(Self.error(Self.patched("jpeg-420.jpg", at: frame + 5, [0, 0])) == .corrupt(.jpeg, "41x0 pixels"))
    #expect(Self.error(Self.patched("jpeg-420.jpg", at: frame + 4, [12])) == .unsupported(.jpeg, "12 bits a sample"))
    #expect(
      Self.error(Self.patched("jpeg-420.jpg", at: frame + 1, [0xC3]))
        == .unsupported(.jpeg, "lossless or hierarchical coding"))
    #expect(Self.error(CodecFixtures.bytes(of: "animation.webp")) == .unsupported(.webp, "an animation"))
  }

  @Test func checksumsAreChecked() {
    // A bit of the pixels, of the header's checksum, and of a text chunk.
    let bytes = CodecFixtures.bytes(of: "png-rgb.png")
    let pixels = Self.position(of: Array("IDAT".utf8), in: bytes)
    for (file, offset) in [("png-rgb.png", pixels + 40), ("png-rgb.png", 30), ("png-text.png", 50)] {
      var data = CodecFixtures.bytes(of: file)
      #expect(Self.error(data) == nil)
      data[offset] ^= 4
      guard case .corrupt(.png, _) = Self.error(data) else {
        Issue.record("\(file) with byte \(offset) changed gives \(String(describing: Self.error(data)))")
        continue
      }
    }
  }

  /// A damaged scan gives an error instead of grey blocks: of many single damages in the coded data, those that libjpeg
  /// can notice are reported.
  @Test func damagedScansAreReported() {
    let bytes = CodecFixtures.bytes(of: "jpeg-420.jpg")
    let scan = Self.position(of: [0xFF, 0xDA], in: bytes)
    var data = bytes
    data.replaceSubrange(scan + 60..<scan + 62, with: [0xFF, 0xD9])
    #expect(Self.error(data) != nil)
    data = bytes
    data.replaceSubrange(scan + 60..<scan + 62, with: [0xFF, 0xC4])
    #expect(Self.error(data) != nil)
  }

  /// A small progressive file that repeats one scan a thousand times.
  @Test func scanBombsAreRefused() throws {
    let bytes = CodecFixtures.bytes(of: "jpeg-progressive.jpg")
    let first = Self.position(of: [0xFF, 0xDA], in: bytes)
    let next = (first + 2..<bytes.count - 1).first { bytes[$0] == 0xFF && bytes[$0 + 1] != 0 }!
    let last = bytes.count - 2
    var bomb = Array(bytes[..<next])
    for _ in 0..<1000 { bomb += bytes[first..<next] }
    bomb += bytes[next..<last]
    bomb += [0xFF, 0xD9]
    #expect(Self.error(bomb) == .corrupt(.jpeg, "too many scans"))
  }

  /// 25 kB of compressed text that expand to 24 MB.
  @Test func textBombsAreRefused() {
    #expect(Self.error(CodecFixtures.bytes(of: "text-bomb.png")) == .outOfMemory(.png))
  }

  @Test func brokenMetadataIsIgnored() throws {
    let bytes = CodecFixtures.bytes(of: "jpeg-orientation-6.jpg")
    let exif = Self.position(of: Array("Exif".utf8), in: bytes)
    #expect(try ImageHeader.read(bytes).orientation == .right)
    // The byte order, the directory's offset, and the orientation itself.
    let tag = Self.position(of: [0x01, 0x12, 0x00, 0x03], in: bytes)
    for (offset, value) in [(exif + 6, UInt8(0x58)), (exif + 10, 0xFF), (tag + 9, 9), (tag + 3, 4), (tag + 7, 2)] {
      var data = bytes
      data[offset] = value
      #expect(try ImageHeader.read(data).orientation == .up)
      #expect(Self.error(data) == nil)
    }
  }
}
