// From a sample's place in the set to its pixels in a batch: read, plan, decode, transform.
//
// A pure function of (seed, epoch, sample, copy) and of the files: no state but the cache, which changes nothing but time.
// With `cache: decoded` every image is decoded as a whole, also those that the cache has no room for, so that the
// cache's state does not decide whether damage outside of a crop is noticed.

import Augment
import KeyedRandom
import Synchronization

/// Makes single samples, on any thread.
struct SampleMaker: Sendable {
  let source: any SampleSource
  let pipeline: any SamplePipeline
  let decoder: ImageDecoder
  private let budget: MemoryBudget
  private let seed: UInt64
  private let fileByteLimit: Int
  private let encoded: SampleCache<[UInt8]>?
  private let decoded: SampleCache<ImageBuffer>?

  init(source: any SampleSource, pipeline: any SamplePipeline, options: DataLoader.Options) {
    self.source = source
    self.pipeline = pipeline
    var decoder = ImageDecoder()
    decoder.maxPixels = options.maxPixels
    decoder.allowsDCTScaling = options.dctScaling
    self.decoder = decoder
    budget = MemoryBudget(limit: options.memoryLimit)
    seed = options.seed
    fileByteLimit = options.fileByteLimit
    encoded = options.cache == .encoded ? SampleCache(byteLimit: options.cacheByteLimit) : nil
    decoded = options.cache == .decoded ? SampleCache(byteLimit: options.cacheByteLimit) : nil
  }

  /// The pipeline of a batch. The number of a batch stands below zero in the path, where no sample's does.
  func pipeline(epoch: Int, batch: Int) -> any SamplePipeline {
    pipeline.forBatch(random: KeyedRandom(seed: seed, epoch, -1 - batch))
  }

  /// Writes the pixels of a copy of a sample, `pipeline.numBytes` bytes, and says what became of it.
  func make(
    _ sample: Int, copy: Int, epoch: Int, pipeline: any SamplePipeline, skipping: Set<Int>,
    into out: UnsafeMutableRawPointer
  ) -> OpenBatch.Outcome {
    if skipping.contains(sample) { return .skipped }
    do {
      let random = random(epoch: epoch, sample: sample, copy: copy)
      if let decoded {
        let image = try decoded.value(at: sample, byteCount: \.pixels.count) {
          try decodeWhole(read(sample))
        }
        write(image, through: pipeline, random: random, into: out)
      } else {
        try decodeRegion(read(sample), through: pipeline, random: random, into: out)
      }
      return .good
    } catch let error as FileError where error.isSystemWide {
      return .failed(error)
    } catch {
      return .bad(
        BadSample(sampleIndex: sample, path: source.name(at: sample), reason: BadSample.reason(error)))
    }
  }

  /// A stream of each copy. The first has the one that the sample has without repetition; the others stand at the low end
  /// of the path, where neither a sample nor a batch does.
  private func random(epoch: Int, sample: Int, copy: Int) -> KeyedRandom {
    copy == 0 ? KeyedRandom(seed: seed, epoch, sample) : KeyedRandom(seed: seed, epoch, .min + copy, sample)
  }

  private func read(_ sample: Int) throws -> [UInt8] {
    guard let encoded else { return try source.read(at: sample, limit: fileByteLimit) }
    return try encoded.value(at: sample, byteCount: \.count) { try source.read(at: sample, limit: fileByteLimit) }
  }

  private func decodeWhole(_ bytes: [UInt8]) throws -> ImageBuffer {
    try bytes.withUnsafeBytes { bytes in
      let header = try decoder.header(of: bytes)
      return try budget.withPixels(bytes.count + header.decodingBytes) {
        try decoder.decodeRegion(bytes, header: header).image
      }
    }
  }

  private func decodeRegion(
    _ bytes: [UInt8], through pipeline: any SamplePipeline, random: KeyedRandom,
    into out: UnsafeMutableRawPointer
  ) throws {
    try bytes.withUnsafeBytes { bytes in
      let header = try decoder.header(of: bytes)
      let (width, height) = (header.orientedWidth, header.orientedHeight)
      let plan = pipeline.plan(width: width, height: height, random: random)
      try budget.withPixels(bytes.count + header.decodingBytes) {
        let region = try decoder.decodeRegion(
          bytes, header: header, crop: plan.region, minimumSize: plan.minimumSize)
        pipeline.write(
          region.image, box: region.box, plan: plan, width: width, height: height, random: random, into: out)
      }
    }
  }

  private func write(
    _ image: ImageBuffer, through pipeline: any SamplePipeline, random: KeyedRandom,
    into out: UnsafeMutableRawPointer
  ) {
    let plan = pipeline.plan(width: image.width, height: image.height, random: random)
    let region = image.cropped(to: plan.region)
    pipeline.write(
      region, box: ResampleBox(region.bounds), plan: plan, width: image.width, height: image.height, random: random,
      into: out)
  }
}

/// Encoded or decoded samples, kept from their first use until a limit on the bytes is reached. Nothing is ever thrown
/// out: every epoch uses each sample once, so that whatever left would be missed just as often as what took its place.
private final class SampleCache<Value: Sendable>: Sendable {
  private let byteLimit: Int
  private let kept = Mutex((values: [Int: Value](), numBytes: 0))

  init(byteLimit: Int) { self.byteLimit = byteLimit }

  /// The sample at `index`, made by `make` where it is not kept.
  func value(at index: Int, byteCount: (Value) -> Int, make: () throws -> Value) rethrows -> Value {
    if let value = kept.withLock({ $0.values[index] }) { return value }
    let value = try make()
    let count = byteCount(value)
    kept.withLock {
      if $0.numBytes + count <= byteLimit, $0.values.updateValue(value, forKey: index) == nil { $0.numBytes += count }
    }
    return value
  }
}
