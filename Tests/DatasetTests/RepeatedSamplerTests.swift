import Foundation
import KeyedRandom
import Testing

@testable import Dataset

/// Repeated augmentation: timm's order, randomness by copy, ranks, bad samples.
@Suite struct RepeatedSamplerTests {
  private struct Recorded: Decodable {
    let count: Int
    let repeats: Int
    /// The places that each rank takes, of a set in its own order.
    let ranks: [[Int]]
  }

  private func recorded() throws -> [Recorded] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/repeats.json")
    return try JSONDecoder().decode([Recorded].self, from: Data(contentsOf: file))
  }

  /// What each rank of a plan takes in an epoch, and the copies' numbers.
  private func shares(_ order: [Int], batch: Int, ranks: Int, repeats: Int) -> [(samples: [Int], copies: [Int])] {
    (0..<ranks).map { rank in
      let plan = BatchPlan(order: order, globalBatchSize: batch, rank: rank, numRanks: ranks, numRepeats: repeats)
      let batches = 0..<plan.numBatches
      return (batches.flatMap { plan.samples(ofBatch: $0) }, batches.flatMap { plan.copies(ofBatch: $0) })
    }
  }

  @Test func everyRankTakesWhatItTakesInTimm() throws {
    for run in try recorded() {
      let sampler = RepeatedSampler(seed: 1, numRepeats: run.repeats)
      let order = sampler.repeated(Array(0..<run.count))
      #expect(order.count == sampler.numPlaces(count: run.count))
      let shares = shares(order, batch: 4 * run.ranks.count, ranks: run.ranks.count, repeats: run.repeats)
      #expect(shares.map(\.samples) == run.ranks, "\(run.count) \(run.repeats)")
      // The planted fault: neighbours in place of every numRanks-th.
      if run.ranks.count > 1 {
        let plain = self.shares(order, batch: 4 * run.ranks.count, ranks: run.ranks.count, repeats: 1)
        #expect(plain.map(\.samples) != run.ranks)
      }
    }
  }

  @Test func theCopiesOfASampleAreNumberedAndSpread() {
    let sampler = RepeatedSampler(seed: 5, numRepeats: 3)
    let order = sampler.order(epoch: 2, count: 600)
    #expect(order.count == 512 && Set(order).count == 171)
    #expect(order == (0..<512).map { ShuffledSampler(seed: 5).order(epoch: 2, count: 600)[$0 / 3] })
    #expect(order != sampler.order(epoch: 3, count: 600))
    let shares = shares(order, batch: 48, ranks: 4, repeats: 3)
    var seen: Set<[Int]> = []
    for (rank, share) in shares.enumerated() {
      // With more ranks than copies no rank sees an image twice.
      #expect(Set(share.samples).count == share.samples.count, "rank \(rank)")
      for (sample, copy) in zip(share.samples, share.copies) { #expect(seen.insert([sample, copy]).inserted) }
    }
    #expect(seen.count == 512)
  }

  private func loader(
    _ fixture: LoaderFixture, repeats: Int, numWorkers: Int = 2, rank: Int = 0, numRanks: Int = 1
  ) throws -> DataLoader {
    var options = DataLoader.Options()
    options.batchSize = 7
    options.numWorkers = numWorkers
    options.seed = 11
    options.maxBadFraction = 1
    return try DataLoader(
      source: fixture.folder(), pipeline: LoaderFixture.pipeline,
      sampler: RepeatedSampler(seed: 11, numRepeats: repeats), options: options, rank: rank, numRanks: numRanks)
  }

  /// The pixels of each sample in an epoch, copy by copy.
  private func pixels(_ batches: [RecordedBatch]) -> [Int: [[Float]]] {
    var found: [Int: [[Float]]] = [:]
    for batch in batches {
      let size = batch.pixels.count / max(1, batch.labels.count)
      for (place, sample) in batch.sampleIndices.enumerated() {
        found[sample, default: []].append(Array(batch.pixels[place * size..<(place + 1) * size]))
      }
    }
    return found
  }

  /// The first copy has the pixels that the sample has without repetition; each other has its own, in every epoch.
  @Test func eachCopyHasItsOwnRandomness() throws {
    let fixture = try LoaderFixture(numSamples: 20)
    let once = pixels(try fixture.loader().record(numEpochs: 1))
    let thrice = pixels(try loader(fixture, repeats: 3).record(numEpochs: 1))
    #expect(thrice.count == 7 && thrice.values.map(\.count).sorted() == [2, 3, 3, 3, 3, 3, 3])
    for (sample, copies) in thrice {
      #expect(copies[0] == once[sample]?[0])
      #expect(Set(copies).count == copies.count)
    }
    let serial = pixels(try loader(fixture, repeats: 3, numWorkers: 0).record(numEpochs: 1))
    #expect(serial == thrice)
    // Two ranks have together what one has.
    var parts: [Int: Set<[Float]>] = [:]
    for rank in 0..<2 {
      for (sample, copies) in pixels(try loader(fixture, repeats: 3, rank: rank, numRanks: 2).record(numEpochs: 1)) {
        parts[sample, default: []].formUnion(copies)
      }
    }
    #expect(parts == thrice.mapValues(Set.init))
  }

  /// A file whose damage only some crops touch: all its copies are left out from the batch on that finds it, also where
  /// a run goes on from there.
  @Test(arguments: [0, 3]) func aBadSampleTakesItsCopiesWithIt(numWorkers: Int) throws {
    let fixture = try LoaderFixture(numSamples: 20)
    for number in stride(from: 0, to: 20, by: 4) {
      var bytes = try fixture.bytes(number)
      bytes.removeLast(bytes.count / 3)
      try fixture.overwrite(number, with: bytes)
    }
    let whole = try loader(fixture, repeats: 5, numWorkers: numWorkers)
    var expected: [RecordedBatch] = []
    var states: [LoaderState] = []
    let epoch = try whole.makeEpoch(1)
    states.append(epoch.state)
    while let batch = try epoch.next() {
      expected.append(RecordedBatch(batch))
      states.append(epoch.state)
    }
    #expect(whole.badSamples.count > 0)
    for (done, state) in states.enumerated() {
      let rest = try loader(fixture, repeats: 5, numWorkers: numWorkers).resume(from: state).record()
      #expect(rest == Array(expected[min(done, expected.count)...]), "after \(done)")
    }
  }

  @Test func theStateTellsRepetitions() throws {
    let fixture = try LoaderFixture(numSamples: 20)
    let state = try loader(fixture, repeats: 3).state(epoch: 0, nextBatch: 1)
    #expect(throws: DataLoaderError.stateMismatch("repeats 3 became 2")) {
      try loader(fixture, repeats: 2).resume(from: state).cancel()
    }
    #expect(throws: DataLoaderError.self) { try fixture.loader().resume(from: state).cancel() }
  }
}
