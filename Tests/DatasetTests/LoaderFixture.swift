import Augment
import DataTestSupport
import KeyedRandom
import Preprocessing
import Testing

@testable import Dataset

/// A small set of images in a folder of its own, and loaders over it.
struct LoaderFixture {
  let scratch: ScratchFolder
  let root: BytePath

  /// Writes `numSamples` images of different sizes into three classes, as JPEG and PNG in turn.
  init(numSamples: Int) throws {
    scratch = try ScratchFolder()
    root = scratch.path.appending("set")
    for number in 0..<numSamples {
      let image = Self.image(number, width: 24 + number % 7 * 5, height: 20 + number % 5 * 6)
      let isJPEG = number % 2 == 0
      let bytes = isJPEG ? try JPEGEncoder(quality: 85).encode(image) : try PNGEncoder().encode(image)
      try scratch.write(bytes, BytePath("set/" + Self.name(number)))
    }
  }

  /// The name of an image below the root; names sort as numbers do within a class.
  static func name(_ number: Int) -> String {
    let padded = String(String(1000 + number).dropFirst())
    return "class\(number % 3)/\(padded).\(number % 2 == 0 ? "jpg" : "png")"
  }

  /// A picture with edges and noise that no other number gives.
  static func image(_ number: Int, width: Int, height: Int) -> ImageBuffer {
    var random = KeyedRandom(seed: 99, number)
    let (phase, slope) = (random.integer(below: 200), 1 + random.integer(below: 9))
    var image = ImageBuffer(width: width, height: height)
    for index in image.pixels.indices {
      let (x, y) = (index / 3 % width, index / 3 / width)
      image.pixels[index] = UInt8((x * slope + y * 3 + phase * (index % 3) + random.integer(below: 24)) & 255)
    }
    return image
  }

  func folder() throws -> ImageFolder { try ImageFolder(root: root) }

  /// The place of image `number` in the set.
  func index(of number: Int) throws -> Int {
    let folder = try folder()
    return folder.samples.indices.first { folder.name(at: $0) == Self.name(number) }!
  }

  /// Replaces the bytes of image `number`.
  func overwrite(_ number: Int, with bytes: [UInt8]) throws {
    try scratch.write(bytes, BytePath("set/" + Self.name(number)))
  }

  func bytes(_ number: Int) throws -> [UInt8] { try FileReader.read(root.appending(BytePath(Self.name(number)))) }

  static let pipeline = TrainTransform(ImagePreprocessing(size: 16), crop: .randomResized(SourceCrop(scale: 0.3...1)))

  /// The same, but that its samples are not normalised.
  static let bytePipeline = TrainTransform(
    pipeline.preprocessing, crop: pipeline.crop, asBytes: true)

  /// A loader of batches of 5 that goes on whatever the share of bad samples, unless told otherwise.
  func loader(
    numWorkers: Int = 2, prefetch: Int = 2, pipeline: any SamplePipeline = Self.pipeline,
    source: (any SampleSource)? = nil, allocator: any BatchAllocator = RecyclingAllocator(), rank: Int = 0,
    numRanks: Int = 1, _ change: (inout DataLoader.Options) -> Void = { _ in },
    onBadSample: (@Sendable (BadSample) -> Void)? = nil
  ) throws -> DataLoader {
    var options = DataLoader.Options()
    options.batchSize = 5
    options.numWorkers = numWorkers
    options.prefetch = prefetch
    options.seed = 11
    options.maxBadFraction = 1
    change(&options)
    return try DataLoader(
      source: source ?? folder(), pipeline: pipeline, sampler: ShuffledSampler(seed: options.seed), options: options,
      allocator: allocator, rank: rank, numRanks: numRanks, onBadSample: onBadSample)
  }
}

/// A batch as values, to be compared.
struct RecordedBatch: Equatable {
  let epoch: Int
  let index: Int
  let labels: [Int64]
  let sampleIndices: [Int]
  let pixels: [Float]

  init(_ batch: Batch) {
    epoch = batch.epoch
    index = batch.index
    labels = batch.labels
    sampleIndices = batch.sampleIndices
    pixels = batch.withImages { Array($0) }
  }

  /// Of a batch of bytes: the numbers that its normalisation makes of them.
  init(normalising batch: Batch) throws {
    let normalize = try #require(batch.deferred)
    let plane = batch.height * batch.width
    epoch = batch.epoch
    index = batch.index
    labels = batch.labels
    sampleIndices = batch.sampleIndices
    pixels = batch.withBytes { samples in
      samples.enumerated().map { place, sample in
        let channel = place / plane % 3
        return (Float(sample) / 255 - normalize.mean[channel]) / normalize.std[channel]
      }
    }
  }
}

extension EpochIterator {
  /// All batches that are left.
  func record() throws -> [RecordedBatch] {
    var batches: [RecordedBatch] = []
    while let batch = try next() { batches.append(RecordedBatch(batch)) }
    return batches
  }
}

extension DataLoader {
  /// The batches of the first epochs.
  func record(numEpochs: Int) throws -> [RecordedBatch] {
    try (0..<numEpochs).flatMap { try makeEpoch($0).record() }
  }
}
