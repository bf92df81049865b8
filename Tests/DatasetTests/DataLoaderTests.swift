import Augment
import DataTestSupport
import Foundation
import KeyedRandom
import Preprocessing
import Synchronization
import Testing

@testable import Dataset

struct DataLoaderTests {
  /// A pipeline with a fault: its pixels depend on how many samples were made before.
  private struct FaultyPipeline: SamplePipeline {
    final class Counter: Sendable { let value = Atomic(0) }
    let counter = Counter()
    let inner = LoaderFixture.pipeline
    var outputHeight: Int { inner.outputHeight }
    var outputWidth: Int { inner.outputWidth }

    func plan(width: Int, height: Int, random: KeyedRandom) -> SourcePlan {
      let count = counter.value.wrappingAdd(1, ordering: .relaxed).oldValue
      return inner.plan(width: width, height: height, random: random.child(count))
    }

    func write(
      _ region: ImageBuffer, box: ResampleBox, plan: SourcePlan, width: Int, height: Int, random: KeyedRandom,
      into out: UnsafeMutableRawPointer
    ) {
      inner.write(region, box: box, plan: plan, width: width, height: height, random: random, into: out)
    }
  }

  /// The batches of an epoch as the contract has them, without a loader.
  private func reference(_ fixture: LoaderFixture, epoch: Int) throws -> [RecordedBatch] {
    let folder = try fixture.folder()
    let order = ShuffledSampler(seed: 11).order(epoch: epoch, count: folder.count)
    return try stride(from: 0, to: order.count, by: 5).enumerated().map { index, start in
      let samples = Array(order[start..<min(start + 5, order.count)])
      let pixels = try samples.flatMap { sample in
        let image = try ImageDecoder().decode(folder.read(at: sample, limit: 1 << 20))
        return LoaderFixture.pipeline.apply(image, random: KeyedRandom(seed: 11, epoch, sample))
      }
      return RecordedBatch(
        epoch: epoch, index: index, labels: samples.map { Int64(folder.label(at: $0)) }, sampleIndices: samples,
        pixels: pixels)
    }
  }

  @Test(.timeLimit(.minutes(2))) func sameBatchesForAnyNumberOfWorkers() throws {
    let fixture = try LoaderFixture(numSamples: 38)
    let expected = try (0..<2).flatMap { try reference(fixture, epoch: $0) }
    #expect(expected.count == 16)
    #expect(expected[7].sampleIndices.count == 3)
    for numWorkers in [0, 1, 2, 5] {
      for prefetch in [1, 3] {
        let loader = try fixture.loader(numWorkers: numWorkers, prefetch: prefetch)
        #expect(loader.numBatches == 8)
        let batches = try loader.record(numEpochs: 2)
        #expect(batches == expected, "\(numWorkers) workers, prefetch \(prefetch)")
      }
    }
    // The epochs differ, so that equality says something.
    let pixels = Set((0..<2).map { epoch in expected.first { $0.epoch == epoch }!.pixels })
    #expect(pixels.count == 2)
  }

  @Test func theComparisonCatchesAPipelineThatDependsOnOrder() throws {
    let fixture = try LoaderFixture(numSamples: 12)
    let expected = try reference(fixture, epoch: 0)
    let batches = try fixture.loader(pipeline: FaultyPipeline()).record(numEpochs: 1)
    #expect(batches.map(\.sampleIndices) == expected.map(\.sampleIndices))
    #expect(batches != expected)
  }

  @Test func cachesChangeNothingButTheReading() throws {
    let fixture = try LoaderFixture(numSamples: 23)
    let expected = try fixture.loader().record(numEpochs: 3)
    for cache in DataLoader.CachePolicy.allCases {
      for limit in [0, 20_000, 1 << 20] {
        let loader = try fixture.loader(numWorkers: 3) {
          $0.cache = cache
          $0.cacheByteLimit = limit
        }
        #expect(try loader.record(numEpochs: 3) == expected, "\(cache) up to \(limit) bytes")
      }
    }
  }

  @Test(arguments: DataLoader.CachePolicy.allCases) func aCacheOutlivesTheFiles(cache: DataLoader.CachePolicy) throws {
    let fixture = try LoaderFixture(numSamples: 10)
    let loader = try fixture.loader { $0.cache = cache }
    _ = try loader.record(numEpochs: 1)
    FileTree.removeTree(fixture.root)
    let numSamples = try loader.makeEpoch(1).record().map(\.sampleIndices.count).reduce(0, +)
    #expect(numSamples == (cache == .none ? 0 : 10))
  }

  @Test func dropsTheLastBatchOnRequest() throws {
    let fixture = try LoaderFixture(numSamples: 13)
    let kept = try fixture.loader().record(numEpochs: 1)
    let dropped = try fixture.loader { $0.dropLast = true }.record(numEpochs: 1)
    #expect(kept.map(\.sampleIndices.count) == [5, 5, 3])
    #expect(dropped == Array(kept[..<2]))
    #expect(throws: DataLoaderError.noFullBatch(numSamples: 13, batchSize: 14)) {
      try fixture.loader {
        $0.batchSize = 14
        $0.dropLast = true
      }
    }
    #expect(throws: DataLoaderError.emptySet) { try fixture.loader(source: fixture.folder().selecting([])) }
    #expect(throws: (any Error).self) { try fixture.loader { $0.numWorkers = -1 } }
    #expect(throws: (any Error).self) {
      try fixture.loader {
        $0.cache = .decoded
        $0.dctScaling = true
      }
    }
  }

  @Test func ranksTogetherMakeTheSameBatches() throws {
    let fixture = try LoaderFixture(numSamples: 23)
    let whole = try fixture.loader().record(numEpochs: 1)
    for numRanks in [2, 3] {
      let parts = try (0..<numRanks).map {
        try fixture.loader(rank: $0, numRanks: numRanks).record(numEpochs: 1)
      }
      for (index, batch) in whole.enumerated() {
        #expect(parts.flatMap { $0[index].sampleIndices } == batch.sampleIndices)
        #expect(parts.flatMap { $0[index].pixels } == batch.pixels)
      }
    }
  }

  @Test func goesOnInMidEpoch() throws {
    let fixture = try LoaderFixture(numSamples: 23)
    try fixture.overwrite(4, with: [])
    try fixture.overwrite(9, with: Array("not an image".utf8))
    let whole = try fixture.loader().record(numEpochs: 2)
    let bad = try fixture.loader()
    _ = try bad.record(numEpochs: 1)
    for numDone in 0...5 {
      let first = try fixture.loader()
      let epoch = try first.makeEpoch(0)
      var batches: [RecordedBatch] = []
      for _ in 0..<numDone { batches.append(RecordedBatch(try #require(try epoch.next()))) }
      let saved = try JSONEncoder().encode(epoch.state)

      let state = try JSONDecoder().decode(LoaderState.self, from: saved)
      #expect(state.nextBatch == numDone)
      #expect(state.badSamples == first.badSamples.samples)
      let second = try fixture.loader(numWorkers: 0)
      let rest = try second.resume(from: state)
      #expect(second.badSamples.samples == state.badSamples)
      batches += try rest.record()
      batches += try second.makeEpoch(1).record()
      #expect(numDone < 5 || state.badSamples.count == 2)
      #expect(batches == whole, "resumed after \(numDone) batches")
      #expect(second.badSamples.samples == bad.badSamples.samples)
    }
  }

  @Test func aPositionOfAnotherRunIsRefused() throws {
    let fixture = try LoaderFixture(numSamples: 12)
    let state = try fixture.loader().state(epoch: 1, nextBatch: 2)
    func refusal(_ state: LoaderState, _ change: (inout DataLoader.Options) -> Void = { _ in }) throws -> String {
      do {
        _ = try fixture.loader(change).resume(from: state)
        return "accepted"
      } catch let error as DataLoaderError { return error.description }
    }
    #expect(try refusal(state) == "accepted")
    #expect(try refusal(state) { $0.seed = 12 }.contains("seed 11 became 12"))
    #expect(try refusal(state) { $0.batchSize = 6 }.contains("batch size 5 became 6"))
    #expect(try refusal(state) { $0.dropLast = true }.contains("drop_last false became true"))
    var wild = state
    wild.nextBatch = 4
    #expect(try refusal(wild).contains("batch 4 of epoch 1"))
    wild = state
    wild.badSamples = [BadSample(sampleIndex: 12, path: "x", reason: "y")]
    #expect(try refusal(wild).contains("no sample"))
    try fixture.scratch.write("x", "set/class0/other.jpg")
    #expect(try refusal(state).contains("it has 12 samples, the set has 13"))
    try FileTree.rename(fixture.root.appending("class0/other.jpg"), to: fixture.scratch.path.appending("away"))
    try FileTree.rename(
      fixture.root.appending(BytePath(LoaderFixture.name(0))), to: fixture.root.appending("class0/renamed.jpg"))
    #expect(try refusal(state).contains("files or classes of the set have changed"))
  }

  @Test func stateHasDocumentedKeys() throws {
    let fixture = try LoaderFixture(numSamples: 6)
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let encoded = try encoder.encode(try fixture.loader().state(epoch: 3, nextBatch: 1))
    let object = try #require(try JSONSerialization.jsonObject(with: encoded) as? [String: Any])
    #expect(
      object.keys.sorted() == [
        "bad_samples", "batch_size", "drop_last", "epoch", "fingerprint", "next_batch", "num_repeats", "num_samples",
        "seed",
      ])
  }
}

extension RecordedBatch {
  init(epoch: Int, index: Int, labels: [Int64], sampleIndices: [Int], pixels: [Float]) {
    self.epoch = epoch
    self.index = index
    self.labels = labels
    self.sampleIndices = sampleIndices
    self.pixels = pixels
  }
}
