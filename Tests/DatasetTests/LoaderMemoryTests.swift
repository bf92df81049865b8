import Augment
import Foundation
import KeyedRandom
import Settings
import Synchronization
import Testing

@testable import Dataset

/// How much of a set is in memory, decoded, at a time: counted, not timed.
struct LoaderMemoryTests {
  /// What an image of the fixture takes at most: 54 x 44 pixels, and a file that is smaller than its pixels.
  private static let largest = 54 * 44 * 14 + 54 * 44 * 3

  /// Counts the samples that are decoded and not yet written.
  private struct Counting: SamplePipeline {
    final class Ledger: Sendable {
      let now = Atomic(0)
      let most = Atomic(0)
    }
    let inner = LoaderFixture.pipeline
    let ledger = Ledger()
    /// Every sample waits, so that others have all chances to be there as well.
    var numYields = 2000
    /// Waits until so many samples were there at once.
    var wanted = 0
    var outputHeight: Int { inner.outputHeight }
    var outputWidth: Int { inner.outputWidth }

    func plan(width: Int, height: Int, random: KeyedRandom) -> SourcePlan {
      inner.plan(width: width, height: height, random: random)
    }

    func write(
      _ region: ImageBuffer, box: ResampleBox, plan: SourcePlan, width: Int, height: Int, random: KeyedRandom,
      into out: UnsafeMutableRawPointer
    ) {
      ledger.most.max(ledger.now.wrappingAdd(1, ordering: .relaxed).newValue, ordering: .relaxed)
      for _ in 0..<numYields { sched_yield() }
      while ledger.most.load(ordering: .relaxed) < wanted { sched_yield() }
      inner.write(region, box: box, plan: plan, width: width, height: height, random: random, into: out)
      ledger.now.wrappingSubtract(1, ordering: .relaxed)
    }

    var most: Int { ledger.most.load(ordering: .relaxed) }
  }

  /// With less room than any image needs, one is decoded at a time, and all of them are.
  @Test(.timeLimit(.minutes(1)), arguments: [DataLoader.CachePolicy.none, .encoded])
  func whatIsLargerThanTheBudgetGoesAlone(cache: DataLoader.CachePolicy) throws {
    let fixture = try LoaderFixture(numSamples: 40)
    let expected = try fixture.loader(numWorkers: 0).record(numEpochs: 2)
    let counting = Counting()
    let loader = try fixture.loader(numWorkers: 8, prefetch: 8, pipeline: counting) {
      $0.memoryLimit = 1
      $0.cache = cache
    }
    #expect(try loader.record(numEpochs: 2) == expected)
    #expect(counting.most == 1)
  }

  /// Room for two of the largest: two are there at once (else this never ends), and at no time more than fit.
  @Test(.timeLimit(.minutes(1))) func asManyAsFit() throws {
    let fixture = try LoaderFixture(numSamples: 40)
    let expected = try fixture.loader(numWorkers: 0).record(numEpochs: 1)
    var counting = Counting()
    counting.wanted = 2
    let smallest = 24 * 20 * 14
    let loader = try fixture.loader(numWorkers: 8, prefetch: 8, pipeline: counting) {
      $0.memoryLimit = 2 * Self.largest
    }
    #expect(try loader.record(numEpochs: 1) == expected)
    #expect(counting.most <= 2 * Self.largest / smallest)
  }

  /// An image that is kept decoded is decoded under the budget, too; damage is told as ever.
  @Test(.timeLimit(.minutes(1))) func decodedImagesAndDamageKeepTheirWays() throws {
    let fixture = try LoaderFixture(numSamples: 20)
    try fixture.overwrite(3, with: Array(fixture.bytes(3).prefix(60)))
    for cache in [DataLoader.CachePolicy.none, .decoded] {
      let loaders = try [0, 4].map { numWorkers in
        try fixture.loader(numWorkers: numWorkers) {
          $0.memoryLimit = 1
          $0.cache = cache
        }
      }
      #expect(try loaders[0].record(numEpochs: 2) == loaders[1].record(numEpochs: 2))
      #expect(loaders[1].badSamples.samples.map(\.path) == [LoaderFixture.name(3)])
    }
  }

  @Test func limitsAreChecked() {
    for change: (inout DataLoader.Options) -> Void in [
      { $0.maxPixels = 1 << 32 + 1 }, { $0.maxPixels = .max }, { $0.maxPixels = 0 }, { $0.memoryLimit = 0 },
    ] {
      var options = DataLoader.Options()
      change(&options)
      #expect(throws: OptionsError.self) { try options.validated() }
    }
    var scan = DatasetScan.Options()
    scan.maxPixels = .max
    #expect(throws: OptionsError.self) { try scan.validated() }
    #expect(SystemMemory.decodingShare > 0 && SystemMemory.decodingShare <= SystemMemory.total / 4)
  }
}
