import Augment
import DataTestSupport
import Foundation
import Preprocessing
import TFRecord
import Testing

@testable import Dataset

struct ShardLoaderTests {
  /// Shards of the samples of a fixture, and which record is which sample.
  private func shards(of fixture: LoaderFixture) throws -> (dataset: ShardedDataset, sampleOfRecord: [Int]) {
    let out = fixture.scratch.path.appending("shards")
    var options = ShardOptions()
    options.shards = .fixed(train: 4, validation: 1)
    try ShardPacking.pack(fixture.root, to: out, options: options)
    let dataset = try #require(try ShardSet(out).train)
    let folder = try fixture.folder()
    let places = Dictionary(uniqueKeysWithValues: folder.samples.indices.map { (folder.name(at: $0), $0) })
    return (
      dataset,
      try (0..<dataset.count).map { record in
        let features = try Example(dataset.payload(at: record)).features
        guard case .bytes(let name)? = features[ImageExample.filenameName] else { return -1 }
        let path = "\(dataset.classes[dataset.label(at: record)])/\(String(decoding: name[0], as: UTF8.self))"
        return try #require(places[path])
      }
    )
  }

  /// The pixels of an evaluation pipeline, which draws nothing, are those of the folder's images.
  @Test func pixelsAreThoseOfTheFolder() throws {
    let fixture = try LoaderFixture(numSamples: 30)
    let (dataset, sampleOfRecord) = try shards(of: fixture)
    #expect(sampleOfRecord.sorted() == Array(0..<30))
    let pipeline = EvalTransform(ImagePreprocessing(size: 16))
    let folder = try fixture.loader(pipeline: pipeline).record(numEpochs: 1)
    let shards = try fixture.loader(pipeline: pipeline, source: dataset).record(numEpochs: 1)
    func bySample(_ batches: [RecordedBatch], _ sample: (Int) -> Int) -> [Int: ArraySlice<Float>] {
      var pixels: [Int: ArraySlice<Float>] = [:]
      for batch in batches {
        let count = batch.pixels.count / batch.sampleIndices.count
        for (slot, index) in batch.sampleIndices.enumerated() {
          pixels[sample(index)] = batch.pixels[(slot * count)..<((slot + 1) * count)]
        }
      }
      return pixels
    }
    let (a, b) = (bySample(folder) { $0 }, bySample(shards) { sampleOfRecord[$0] })
    // PNGs went through a JPEG of quality 100; JPEGs are the same to the bit.
    for sample in 0..<30 {
      let name = try fixture.folder().name(at: sample)
      if name.hasSuffix(".jpg") { #expect(a[sample] == b[sample]) }
      let difference = zip(a[sample] ?? [], b[sample] ?? []).map { abs($0 - $1) }.max() ?? .infinity
      #expect(difference < 0.05, "\(name)")
    }
  }

  @Test func ranksShareTheBatchesOfShards() throws {
    let fixture = try LoaderFixture(numSamples: 33)
    let (dataset, _) = try shards(of: fixture)
    let whole = try fixture.loader(source: dataset).record(numEpochs: 2)
    #expect(whole.map(\.sampleIndices.count).reduce(0, +) == 66)
    #expect(Set(whole.prefix(7).flatMap(\.sampleIndices)).count == 33)
    // The whole set is shuffled: neighbours in a batch come from different shards.
    #expect(whole.prefix(6).allSatisfy { Set($0.sampleIndices.map { dataset.location(at: $0).shard }).count > 1 })
    for numRanks in [2, 3] {
      let parts = try (0..<numRanks).map { rank in
        let own = try #require(try ShardSet(fixture.scratch.path.appending("shards")).train)
        return try fixture.loader(numWorkers: rank, source: own, rank: rank, numRanks: numRanks).record(numEpochs: 2)
      }
      for (place, batch) in whole.enumerated() {
        let shares = parts.map { $0[place] }
        #expect(shares.flatMap(\.sampleIndices) == batch.sampleIndices)
        #expect(shares.flatMap(\.labels) == batch.labels)
        #expect(shares.flatMap(\.pixels) == batch.pixels)
      }
    }
  }

  @Test func aRunGoesOnInMidEpoch() throws {
    let fixture = try LoaderFixture(numSamples: 23)
    let (dataset, _) = try shards(of: fixture)
    let whole = try fixture.loader(source: dataset).record(numEpochs: 1)
    let first = try fixture.loader(source: dataset)
    let epoch = try first.makeEpoch(0)
    var batches = [RecordedBatch(try #require(try epoch.next())), RecordedBatch(try #require(try epoch.next()))]
    let state = epoch.state
    epoch.cancel()
    let again = try #require(try ShardSet(fixture.scratch.path.appending("shards")).train)
    batches += try fixture.loader(numWorkers: 0, source: again).resume(from: state).record()
    #expect(batches == whole)
  }

  /// Bad records are named with shard and offset, left out or the end, and shift nothing.
  @Test func badRecordsAreBadSamples() throws {
    let fixture = try LoaderFixture(numSamples: 30)
    let (dataset, _) = try shards(of: fixture)
    let whole = try fixture.loader(source: dataset).record(numEpochs: 1)
    let shards = fixture.scratch.path.appending("shards/train")
    let damage: [(shard: Int, record: Int, offset: Int, words: String)] = [
      (0, 1, 3, "length"), (1, 0, 40, "corrupt"), (2, 5, -2, "corrupt"), (3, 2, 200, "corrupt"),
    ]
    for (shard, record, offset, _) in damage {
      let range = dataset.shards[shard].index[record]
      let place = offset < 0 ? range.upperBound + offset : range.lowerBound + offset
      try ShardFixture.flip(shards.appending(BytePath("train-0000\(shard)-of-00004")), at: place)
    }
    let bad = Set(
      damage.map { fault in (0..<30).first { dataset.location(at: $0) == (fault.shard, fault.record) }! })
    for numWorkers in [0, 2] {
      let damaged = try #require(try ShardSet(fixture.scratch.path.appending("shards")).train)
      let loader = try fixture.loader(numWorkers: numWorkers, source: damaged)
      let batches = try loader.record(numEpochs: 1)
      #expect(batches.map(\.sampleIndices) == whole.map { $0.sampleIndices.filter { !bad.contains($0) } })
      #expect(Set(loader.badSamples.samples.map(\.sampleIndex)) == bad)
      for (shard, record, _, words) in damage {
        let offset = dataset.shards[shard].index[record].lowerBound
        let found = loader.badSamples.samples.first {
          $0.path.hasPrefix("train/train-0000\(shard)-of-00004 at byte \(offset)")
        }
        #expect(found?.reason.contains(words) == true, "\(shard)")
        #expect(found?.reason.contains("byte \(offset)") == true)
      }
      let stopping = try fixture.loader(numWorkers: numWorkers, source: damaged) { $0.onError = .stop }
      #expect(throws: DataLoaderError.self) { try stopping.record(numEpochs: 1) }
      let strict = try fixture.loader(numWorkers: numWorkers, source: damaged) { $0.maxBadFraction = 0.1 }
      #expect(throws: DataLoaderError.self) { try strict.record(numEpochs: 1) }
    }
  }

  @Test func headersAreScannedWithoutReadingAll() throws {
    let fixture = try LoaderFixture(numSamples: 12)
    let (dataset, _) = try shards(of: fixture)
    let scan = try fixture.loader(source: dataset).scanHeaders(numThreads: 2)
    #expect(scan.bad.isEmpty && scan.mismatches.isEmpty && scan.numSamples == 12)
    for index in 0..<dataset.count {
      let image = try dataset.read(at: index, limit: 1 << 20)
      let (ends, size) = try dataset.readEnds(at: index, head: 100, tail: 20)
      #expect(size == image.count)
      #expect(ends == Array(image.prefix(100) + image.suffix(20)))
      #expect(try dataset.readEnds(at: index, head: image.count, tail: 20).bytes == image)
      #expect(throws: RecordError.self) { try dataset.read(at: index, limit: image.count - 1) }
    }
  }

  /// More shards than are kept open, read in an order that opens and closes them all the time, on several threads.
  @Test func manyShardsFewDescriptors() throws {
    let fixture = try ShardFixture(numTrain: 200, numValidation: 3)
    try fixture.pack("200,1")
    let dataset = try #require(try ShardSet(fixture.out).train)
    let expected = try (0..<200).map { try dataset.read(at: $0, limit: 1 << 20) }
    try parallelFor(2000, numThreads: 4) { number in
      let index = number * 67 % 200
      if try dataset.read(at: index, limit: 1 << 20) != expected[index] { throw ShardError.empty("\(index)") }
    }
    let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    #expect(open < 190)
  }
}
