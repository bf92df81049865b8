// A thorough look at one sample: read, hash, decode as a whole, hash again.

import Augment

/// Looks at single samples, on any thread.
struct SampleInspector: Sendable {
  let decoder: ImageDecoder
  let fileByteLimit: Int
  let budget: MemoryBudget

  init(_ options: DatasetScan.Options) {
    var decoder = ImageDecoder()
    decoder.maxPixels = options.maxPixels
    self.decoder = decoder
    fileByteLimit = options.fileByteLimit
    budget = MemoryBudget(limit: options.memoryLimit)
  }

  /// What there is to say of a sample, and why it is bad where it is. Throws where the system fails, not the sample.
  func inspect(_ source: any SampleSource, at index: Int) throws -> (facts: SampleFacts, reason: String?) {
    var facts = SampleFacts()
    do {
      // Nothing of it is read yet, but its size is known before the memory is taken.
      let size = try source.readEnds(at: index, head: 0, tail: 0).fileSize
      facts.numBytes = size
      try budget.withFile(min(size, fileByteLimit)) {
        let bytes = try source.read(at: index, limit: fileByteLimit)
        facts.numBytes = bytes.count
        try bytes.withUnsafeBytes { try look(at: $0, claiming: source.claimedExtension(at: index), &facts) }
      }
      return (facts, nil)
    } catch let error as FileError where error.isSystemWide {
      throw error
    } catch {
      facts.verdict = Self.verdict(of: error)
      return (facts, BadSample.reason(error))
    }
  }

  private func look(at bytes: UnsafeRawBufferPointer, claiming name: String, _ facts: inout SampleFacts) throws {
    facts.fileHash = ContentHash(bytes)
    let header: ImageHeader
    do { header = try decoder.header(of: bytes) } catch {
      if case .tooManyPixels(let width, let height, _) = error {
        facts.width = Int32(clamping: width)
        facts.height = Int32(clamping: height)
      }
      throw error
    }
    facts.format = header.format
    facts.width = Int32(clamping: header.orientedWidth)
    facts.height = Int32(clamping: header.orientedHeight)
    if header.orientation != .up { facts.traits.insert(.rotated) }
    if let claimed = ImageFormat(fileExtension: name), claimed != header.format { facts.traits.insert(.wrongExtension) }
    if header.format == .jpeg, JPEGComponents.count(in: bytes) == 4 { facts.traits.insert(.cmyk) }
    try budget.withPixels(header.decodingBytes) {
      let image = try decoder.decodeRegion(bytes, header: header).image
      image.pixels.withUnsafeBytes { pixels in
        facts.pixelHash = ContentHash(pixels, seed: UInt64(image.width) << 32 | UInt64(image.height))
        if Self.isGrey(pixels) { facts.traits.insert(.greyscale) }
      }
    }
  }

  private static func isGrey(_ pixels: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    while index + 2 < pixels.count {
      if pixels[index] != pixels[index + 1] || pixels[index] != pixels[index + 2] { return false }
      index += 3
    }
    return true
  }

  private static func verdict(of error: any Error) -> SampleFacts.Verdict {
    guard let error = error as? ImageError else { return .unreadable }
    switch error {
    case .empty, .unknownFormat: return .notAnImage
    case .truncated: return .truncated
    case .unsupported: return .unsupported
    case .tooManyPixels: return .tooLarge
    case .corrupt, .outOfMemory, .cropOutside, .cannotEncode: return .damaged
    }
  }
}

// What a scan keeps of a sample: small, since there may be millions.

/// What a scan found out about one sample.
struct SampleFacts: Sendable, Equatable {
  /// Whether it can be trained on.
  enum Verdict: UInt8, Sendable {
    case good
    case unreadable
    case notAnImage
    case truncated
    case damaged
    case unsupported
    case tooLarge
    /// Taken away since.
    case moved

    /// Whether a loader would have to leave it out.
    var isBad: Bool { self != .good && self != .moved }
  }

  /// What is so, without being bad.
  struct Traits: OptionSet, Sendable {
    let rawValue: UInt8
    static let cmyk = Traits(rawValue: 1)
    static let greyscale = Traits(rawValue: 2)
    static let rotated = Traits(rawValue: 4)
    static let wrongExtension = Traits(rawValue: 8)
  }

  var verdict = Verdict.good
  var traits: Traits = []
  /// The format of the contents, where they are an image's.
  var format: ImageFormat?
  /// The size as shown, in pixels; 0 where the header cannot be read.
  var width: Int32 = 0
  var height: Int32 = 0
  var numBytes = 0
  /// The hash of the file, where it could be read.
  var fileHash: ContentHash?
  /// The hash of the decoded, oriented pixels and their size.
  var pixelHash: ContentHash?

  /// The length of the shorter side.
  var shortSide: Int { Int(min(width, height)) }
}

// A hash of contents: MurmurHash3 x64 128 (A. Appleby, public domain), computed from its published description.
//
// 128 bits: among ten million different images, the odds that any two have the same hash by chance are about 1 in
// 10^25. It is no cryptographic hash: someone who means to can make two files that collide, so nothing is ever deleted
// because of it.

/// 128 bits that stand for some bytes; the same on every machine.
struct ContentHash: Hashable, Comparable, Sendable {
  let first: UInt64
  let second: UInt64

  /// The hash of `bytes`. Different seeds give unrelated hashes.
  init(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) {
    var (a, b) = (seed, seed)
    let numBlocks = bytes.count / 16
    for block in 0..<numBlocks {
      let k1 = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: block * 16, as: UInt64.self))
      let k2 = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: block * 16 + 8, as: UInt64.self))
      a ^= Self.firstWord(k1)
      a = (Self.rotated(a, 27) &+ b) &* 5 &+ 0x52DC_E729
      b ^= Self.secondWord(k2)
      b = (Self.rotated(b, 31) &+ a) &* 5 &+ 0x3849_5AB5
    }
    let tail = bytes[(numBlocks * 16)...]
    var (k1, k2) = (UInt64(0), UInt64(0))
    for (place, byte) in tail.enumerated() {
      if place < 8 { k1 |= UInt64(byte) << UInt64(8 * place) } else { k2 |= UInt64(byte) << UInt64(8 * (place - 8)) }
    }
    // A word of zeros changes nothing, so that a tail of any length can be treated alike.
    b ^= Self.secondWord(k2)
    a ^= Self.firstWord(k1)
    a ^= UInt64(bytes.count)
    b ^= UInt64(bytes.count)
    a = a &+ b
    b = b &+ a
    a = Self.finished(a)
    b = Self.finished(b)
    a = a &+ b
    first = a
    second = b &+ a
  }

  /// An order, for sorting equal ones together.
  static func < (a: ContentHash, b: ContentHash) -> Bool { (a.first, a.second) < (b.first, b.second) }

  private static func firstWord(_ word: UInt64) -> UInt64 {
    rotated(word &* 0x87C3_7B91_1142_53D5, 31) &* 0x4CF5_AD43_2745_937F
  }

  private static func secondWord(_ word: UInt64) -> UInt64 {
    rotated(word &* 0x4CF5_AD43_2745_937F, 33) &* 0x87C3_7B91_1142_53D5
  }

  private static func rotated(_ word: UInt64, _ count: UInt64) -> UInt64 { word << count | word >> (64 - count) }

  private static func finished(_ word: UInt64) -> UInt64 {
    var word = word
    word = (word ^ word >> 33) &* 0xFF51_AFD7_ED55_8CCD
    word = (word ^ word >> 33) &* 0xC4CE_B9FE_1A85_EC53
    return word ^ word >> 33
  }
}
