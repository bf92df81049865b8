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
