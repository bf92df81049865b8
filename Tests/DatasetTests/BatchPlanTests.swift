import KeyedRandom
import Testing

@testable import Dataset

struct BatchPlanTests {
  @Test func everySampleOnceInABatchOfItsIndex() {
    let order = ShuffledSampler(seed: 5).order(epoch: 3, count: 103)
    #expect(order.sorted() == Array(0..<103))
    let plan = BatchPlan(order: order, globalBatchSize: 10)
    #expect(plan.numBatches == 11)
    #expect((0..<11).flatMap { plan.samples(ofBatch: $0) } == order)
    #expect(plan.samples(ofBatch: 10).count == 3)
    let dropping = BatchPlan(order: order, globalBatchSize: 10, dropLast: true)
    #expect(dropping.numBatches == 10)
    #expect(dropping.samples(ofBatch: 9) == plan.samples(ofBatch: 9))
  }

  @Test func orderIsAFunctionOfSeedAndEpoch() {
    let sampler = ShuffledSampler(seed: 5)
    #expect(sampler.order(epoch: 3, count: 50) == sampler.order(epoch: 3, count: 50))
    #expect(sampler.order(epoch: 3, count: 50) != sampler.order(epoch: 4, count: 50))
    #expect(sampler.order(epoch: 3, count: 50) != ShuffledSampler(seed: 6).order(epoch: 3, count: 50))
    #expect(SequentialSampler().order(epoch: 9, count: 4) == [0, 1, 2, 3])
  }

  @Test(arguments: [1, 2, 3, 4, 7, 12, 20]) func ranksShareEveryGlobalBatch(numRanks: Int) {
    let order = ShuffledSampler(seed: 1).order(epoch: 0, count: 50)
    let whole = BatchPlan(order: order, globalBatchSize: 12)
    let parts = (0..<numRanks).map {
      BatchPlan(order: order, globalBatchSize: 12, rank: $0, numRanks: numRanks)
    }
    for batch in 0..<whole.numBatches {
      let slices = parts.map { $0.samples(ofBatch: batch) }
      #expect(slices.flatMap { $0 } == Array(whole.samples(ofBatch: batch)))
      let sizes = slices.map(\.count)
      #expect(sizes.max()! - sizes.min()! <= 1)
    }
  }
}
