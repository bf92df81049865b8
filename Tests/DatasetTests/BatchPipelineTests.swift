import Augment
import KeyedRandom
import Testing

@testable import Dataset

/// A pipeline may draw once for all samples of a batch.
struct BatchPipelineTests {
  /// Writes one number that belongs to the batch, and one that belongs to the sample.
  private struct Marking: SamplePipeline {
    var mark: Float = -1
    let outputHeight = 2
    let outputWidth = 1

    func forBatch(random: KeyedRandom) -> any SamplePipeline {
      var random = random
      return Marking(mark: Float(random.uniform()))
    }

    func plan(width: Int, height: Int, random: KeyedRandom) -> SourcePlan {
      SourcePlan(region: PixelRect(x: 0, y: 0, width: width, height: height))
    }

    func write(
      _ region: ImageBuffer, box: ResampleBox, plan: SourcePlan, width: Int, height: Int, random: KeyedRandom,
      into out: UnsafeMutableRawPointer
    ) {
      var random = random
      let out = out.assumingMemoryBound(to: Float.self)
      for index in 0..<3 { (out[2 * index], out[2 * index + 1]) = (mark, Float(random.uniform())) }
    }
  }

  private func marks(numWorkers: Int, epoch: Int) throws -> [[(batch: Float, sample: Float)]] {
    let fixture = try LoaderFixture(numSamples: 22)
    let loader = try fixture.loader(numWorkers: numWorkers, pipeline: Marking())
    return try loader.makeEpoch(epoch).record().map { batch in
      batch.labels.indices.map { (batch.pixels[6 * $0], batch.pixels[6 * $0 + 1]) }
    }
  }

  @Test func oneDrawForEachBatchOfEachEpoch() throws {
    let first = try marks(numWorkers: 0, epoch: 0)
    #expect(first.map(\.count) == [5, 5, 5, 5, 2])
    #expect(first.allSatisfy { batch in Set(batch.map(\.batch)).count == 1 })
    let second = try marks(numWorkers: 0, epoch: 1)
    #expect(Set((first + second).map { $0[0].batch }).count == 10)
    // A batch's number says nothing about a sample's.
    #expect(Set((first + second).joined().flatMap { [$0.batch, $0.sample] }).count == 10 + 44)
  }

  @Test func workersChangeNothing() throws {
    let alone = try marks(numWorkers: 0, epoch: 3)
    for numWorkers in [1, 3] {
      let together = try marks(numWorkers: numWorkers, epoch: 3)
      #expect(together.map { $0.map(\.batch) } == alone.map { $0.map(\.batch) })
      #expect(together.map { $0.map(\.sample) } == alone.map { $0.map(\.sample) })
    }
  }
}
