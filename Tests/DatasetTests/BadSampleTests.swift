import Augment
import DataTestSupport
import Foundation
import Synchronization
import Testing

@testable import Dataset

struct BadSampleTests {
  /// Ways in which a file can be bad, and a word of the reason.
  private static func faults(jpeg: [UInt8], png: [UInt8]) -> [(bytes: [UInt8], word: String)] {
    // A whole PNG whose header claims 60000 by 60000 pixels.
    let bomb = Array(png[..<16]) + [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60] + Array(png[24...])
    return [
      ([], "empty"), (Array("a text".utf8), "not an image"), (Array(jpeg.prefix(jpeg.count / 2)), "truncated"),
      (Array(jpeg.prefix(30)), "truncated"), (Array(png.dropLast(40)), "truncated"), (bomb, "60000x60000 pixels"),
    ]
  }

  /// Where batches are not those of a plan without the bad samples; empty where all is well.
  private func shifts(_ batches: [RecordedBatch], order: [Int], bad: Set<Int>) -> [String] {
    let expected = stride(from: 0, to: order.count, by: 5).map { start in
      order[start..<min(start + 5, order.count)].filter { !bad.contains($0) }
    }
    return batches.compactMap { batch in
      batch.sampleIndices == expected[batch.index] ? nil : "batch \(batch.index) holds \(batch.sampleIndices)"
    }
  }

  @Test func everyKindIsNamedOnceAndLeftOut() throws {
    let fixture = try LoaderFixture(numSamples: 40)
    let whole = try fixture.loader().record(numEpochs: 2)
    let faults = Self.faults(jpeg: try fixture.bytes(0), png: try fixture.bytes(1))
    for (place, fault) in faults.enumerated() { try fixture.overwrite(place * 6, with: fault.bytes) }
    // A PNG whose name says JPEG is no bad sample.
    try fixture.overwrite(38, with: try fixture.bytes(33))
    let bad = Set(try faults.indices.map { try fixture.index(of: $0 * 6) })
    for numWorkers in [0, 2] {
      let named = Mutex<[BadSample]>([])
      let loader = try fixture.loader(
        numWorkers: numWorkers, onBadSample: { sample in named.withLock { $0.append(sample) } })
      let batches = try loader.record(numEpochs: 2)
      for epoch in 0..<2 {
        let order = ShuffledSampler(seed: 11).order(epoch: epoch, count: 40)
        #expect(shifts(batches.filter { $0.epoch == epoch }, order: order, bad: bad) == [])
      }
      #expect(batches.count == 16)
      #expect(batches.map(\.sampleIndices.count).reduce(0, +) == 2 * 34)
      #expect(Set(loader.badSamples.samples.map(\.sampleIndex)) == bad)
      for (place, fault) in faults.enumerated() {
        let sample = try #require(loader.badSamples.samples.first { $0.path == LoaderFixture.name(place * 6) })
        #expect(sample.reason.contains(fault.word))
      }
      let order = ShuffledSampler(seed: 11).order(epoch: 0, count: 40)
      #expect(named.withLock { $0.map(\.sampleIndex) } == order.filter { bad.contains($0) })

      // The other samples have the pixels they had before.
      let numValues = 3 * 16 * 16
      let mislabelled = try fixture.index(of: 38)
      for (batch, before) in zip(batches, whole) {
        for (slot, sample) in batch.sampleIndices.enumerated() where sample != mislabelled {
          let old = before.sampleIndices.firstIndex(of: sample)!
          #expect(
            batch.pixels[(slot * numValues)..<((slot + 1) * numValues)]
              == before.pixels[(old * numValues)..<((old + 1) * numValues)])
        }
      }
    }
  }

  @Test func theCheckCatchesBatchesThatWereFilledUp() throws {
    let fixture = try LoaderFixture(numSamples: 20)
    try fixture.overwrite(6, with: [])
    let bad = try fixture.index(of: 6)
    let order = ShuffledSampler(seed: 11).order(epoch: 0, count: 20)
    // The fault: the bad sample is taken out before the batches are cut.
    let others = order.filter { $0 != bad }
    let filled = stride(from: 0, to: others.count, by: 5).enumerated().map { index, start in
      RecordedBatch(
        epoch: 0, index: index, labels: [], sampleIndices: Array(others[start..<min(start + 5, others.count)]),
        pixels: [])
    }
    #expect(shifts(filled, order: order, bad: [bad]) != [])
    #expect(shifts(try fixture.loader().record(numEpochs: 1), order: order, bad: [bad]) == [])
  }

  @Test(arguments: [0, 1, 4]) func stopsWithTheNameOfTheFirstInOrder(numWorkers: Int) throws {
    let fixture = try LoaderFixture(numSamples: 30)
    for number in [3, 12, 21] { try fixture.overwrite(number, with: []) }
    let bad = Set(try [3, 12, 21].map { try fixture.index(of: $0) })
    let order = ShuffledSampler(seed: 11).order(epoch: 0, count: 30)
    let first = order.firstIndex { bad.contains($0) }!
    let epoch = try fixture.loader(numWorkers: numWorkers) { $0.onError = .stop }.makeEpoch(0)
    var numBatches = 0
    do {
      while try epoch.next() != nil { numBatches += 1 }
      Issue.record("the epoch ended without an error")
    } catch let error as DataLoaderError {
      #expect(error.description.contains(try fixture.folder().name(at: order[first])))
      #expect(error.description.contains("the file is empty"))
      #expect(throws: error) { try epoch.next() }
    }
    #expect(numBatches == first / 5)
  }

  @Test func oneInAHundredIsBorneAndTwoAreNot() throws {
    let fixture = try LoaderFixture(numSamples: 100)
    try fixture.overwrite(20, with: [])
    let loader = try fixture.loader { $0.maxBadFraction = 0.01 }
    #expect(try loader.record(numEpochs: 3).count == 60)
    #expect(loader.badSamples.count == 1)

    try fixture.overwrite(50, with: [])
    let places = try [20, 50].map { try fixture.index(of: $0) }
    let order = ShuffledSampler(seed: 11).order(epoch: 0, count: 100)
    let second = order.lastIndex { places.contains($0) }!
    for numWorkers in [0, 3] {
      let epoch = try fixture.loader(numWorkers: numWorkers) { $0.maxBadFraction = 0.01 }.makeEpoch(0)
      for _ in 0..<second / 5 { #expect(try epoch.next() != nil) }
      #expect {
        try epoch.next()
      } throws: { error in
        "\(error)".contains("2 of 100 samples are bad, above the limit of 1 %")
      }
    }
  }

  @Test func samplesThatTurnBadLaterCountOnce() throws {
    let fixture = try LoaderFixture(numSamples: 50)
    let loader = try fixture.loader { $0.maxBadFraction = 0.03 }
    _ = try loader.makeEpoch(0).record()
    try fixture.overwrite(7, with: [])
    _ = try loader.makeEpoch(1).record()
    _ = try loader.makeEpoch(2).record()
    #expect(loader.badSamples.samples.map(\.path) == [LoaderFixture.name(7)])
    try fixture.overwrite(8, with: [])
    #expect(throws: DataLoaderError.self) { try loader.makeEpoch(3).record() }
  }

  /// A sample that was bad stays out, so that a run that is resumed leaves out the same samples.
  @Test func aBadSampleStaysOutWhenItsFileIsMended() throws {
    let fixture = try LoaderFixture(numSamples: 10)
    let good = try fixture.bytes(2)
    try fixture.overwrite(2, with: [])
    let loader = try fixture.loader()
    _ = try loader.makeEpoch(0).record()
    try fixture.overwrite(2, with: good)
    #expect(try loader.makeEpoch(1).record().map(\.sampleIndices.count).reduce(0, +) == 9)
  }

  @Test func batchesWithoutAnyGoodSampleArePassedOver() throws {
    let fixture = try LoaderFixture(numSamples: 11)
    let order = ShuffledSampler(seed: 11).order(epoch: 0, count: 11)
    for sample in order[5..<10] { try FileWriter.writeAtomically([], to: fixture.folder().path(at: sample)) }
    for numWorkers in [0, 2] {
      let epoch = try fixture.loader(numWorkers: numWorkers).makeEpoch(0)
      #expect(try epoch.next()?.index == 0)
      let next = try #require(try epoch.next())
      #expect(next.index == 2)
      #expect(next.count == 1)
      #expect(epoch.state.nextBatch == 3)
      // Ranks go in step, so that they get the empty batch.
      let parts = try (0..<2).map {
        try fixture.loader(numWorkers: numWorkers, rank: $0, numRanks: 2).record(numEpochs: 1)
      }
      #expect(parts.map { $0.map(\.sampleIndices.count) } == [[2, 0, 0], [3, 0, 1]])
    }
  }

  @Test func theListIsOneObjectPerLine() throws {
    let scratch = try ScratchFolder()
    let log = BadSampleLog(numSamples: 100, maxBadFraction: 0.05)
    try log.add([BadSample(sampleIndex: 9, path: "b/\"x\".jpg", reason: "two\nlines")])
    try log.add([BadSample(sampleIndex: 3, path: "a/1.jpg", reason: "the file is empty")])
    try log.add([BadSample(sampleIndex: 9, path: "b/\"x\".jpg", reason: "again")])
    let file = scratch.path.appending("bad_samples.jsonl")
    let other = BadSample(sampleIndex: 0, path: "c/2.jpg", reason: "no image")
    try BadSampleLog.write([("train", log.samples), ("validation", [other])], to: file)
    let lines = String(decoding: try FileReader.read(file), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.first == #"{"path":"a/1.jpg","reason":"the file is empty","sample_index":3,"set":"train"}"#)
    #expect(lines.last == #"{"path":"c/2.jpg","reason":"no image","sample_index":0,"set":"validation"}"#)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let read = try lines.map { try decoder.decode(BadSample.self, from: Data($0.utf8)) }
    #expect(read == log.samples + [other])
  }

  /// Root may read anything, so that only other users can see this.
  @Test(.enabled(if: geteuid() != 0)) func aFileThatMustNotBeRead() throws {
    let fixture = try LoaderFixture(numSamples: 10)
    _ = fixture.root.appending(BytePath(LoaderFixture.name(2))).withCString { chmod($0, 0) }
    let loader = try fixture.loader()
    #expect(try loader.record(numEpochs: 1).map(\.sampleIndices.count).reduce(0, +) == 9)
    #expect(loader.badSamples.samples.first?.reason == "cannot open: Permission denied")
  }
}
