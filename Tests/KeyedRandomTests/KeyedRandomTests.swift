import Foundation
import KeyedRandom
import Testing

@Suite struct KeyedRandomTests {
  /// The known answers that accompany Random123, the authors' own implementation (philox4x32, 10 rounds).
  @Test func philoxGivesThePublishedAnswers() {
    #expect(
      Philox.block(counter: .zero, key: .zero) == Philox.Words(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    #expect(
      Philox.block(counter: Philox.Words(repeating: .max), key: SIMD2(repeating: .max))
        == Philox.Words(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    #expect(
      Philox.block(
        counter: Philox.Words(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344),
        key: SIMD2(0xA409_3822, 0x299F_31D0)) == Philox.Words(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }

  @Test func anEmptyPathIsPlainPhilox() {
    var random = KeyedRandom(seed: 0)
    #expect(random.next() == 0xE169_C58D_6627_E8D5)
    #expect(random.next() == 0x9B00_DBD8_BC57_AC4C)
  }

  @Test func streamsDependOnSeedAndPathAlone() {
    func draw(_ random: KeyedRandom) -> [UInt64] {
      var random = random
      return (0..<5).map { _ in random.next() }
    }
    #expect(draw(KeyedRandom(seed: 7, 1, 2, 3)) == draw(KeyedRandom(seed: 7, path: [1, 2, 3])))
    var used = KeyedRandom(seed: 7, 1, 2)
    _ = used.next()
    #expect(draw(used.child(3)) == draw(KeyedRandom(seed: 7, 1, 2, 3)))
    var streams = Set<[UInt64]>()
    let paths = [[], [0], [0, 0], [0, 1], [1, 0], [1], [-1], [1, 2, 3], [3, 2, 1], [Int.max], [1 << 32]]
    for seed in [0, 1, 2, UInt64.max] {
      for path in paths { streams.insert(draw(KeyedRandom(seed: seed, path: path))) }
    }
    #expect(streams.count == 4 * paths.count)
  }

  @Test func uniformNumbersFillTheirRange() {
    var random = KeyedRandom(seed: 1)
    var bins = [Int](repeating: 0, count: 16)
    for _ in 0..<16000 {
      let number = random.uniform()
      #expect(number >= 0 && number < 1)
      bins[Int(number * 16)] += 1
    }
    // Chi-square with 15 degrees of freedom: 37.7 is passed once in a thousand seeds; this seed is fixed.
    let chiSquare = bins.reduce(0.0) { $0 + pow(Double($1) - 1000, 2) / 1000 }
    #expect(chiSquare < 37.7)
    for _ in 0..<100 { #expect((2.0...2.5).contains(random.uniform(in: 2...2.5))) }
    #expect(random.uniform(in: 3...3) == 3)
  }

  @Test func integersAreUnbiased() {
    var random = KeyedRandom(seed: 2)
    var bins = [Int](repeating: 0, count: 7)
    for _ in 0..<7000 { bins[random.integer(below: 7)] += 1 }
    let chiSquare = bins.reduce(0.0) { $0 + pow(Double($1) - 1000, 2) / 1000 }
    #expect(chiSquare < 22.5)
    #expect(random.integer(below: 1) == 0)
    // With a bound of 3/4 of the range, a generator without rejection gives a third of its values twice as often.
    let bound = 3 << 61
    let lower = (0..<3000).count { _ in random.integer(below: bound) < bound / 3 }
    #expect(abs(lower - 1000) < 120)
  }

  @Test func normalNumbersHaveTheirMoments() {
    var random = KeyedRandom(seed: 3)
    let numbers = (0..<20000).map { _ in random.normal() }
    let mean = numbers.reduce(0, +) / 20000
    let variance = numbers.reduce(0) { $0 + $1 * $1 } / 20000
    let fourth = numbers.reduce(0) { $0 + pow($1, 4) } / 20000
    #expect(abs(mean) < 0.03)
    #expect(abs(variance - 1) < 0.04)
    #expect(abs(fourth - 3) < 0.3)
  }

  @Test func shufflesArePermutations() {
    var random = KeyedRandom(seed: 4)
    #expect(random.shuffled(0).isEmpty)
    #expect(random.shuffled(1) == [0])
    let order = random.shuffled(1000)
    #expect(order != Array(0..<1000))
    #expect(order.sorted() == Array(0..<1000))
    var counts: [[Int]: Int] = [:]
    for _ in 0..<6000 { counts[random.shuffled(3), default: 0] += 1 }
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 120 })
  }

  @Test func chancesAreKept() {
    var random = KeyedRandom(seed: 5)
    #expect((0..<1000).allSatisfy { _ in !random.bool(probability: 0) })
    #expect((0..<1000).allSatisfy { _ in random.bool(probability: 1) })
    #expect(abs((0..<10000).count { _ in random.bool(probability: 0.3) } - 3000) < 200)
  }

  /// Golden values: a change of them would change every run that was ever made.
  @Test func goldenValues() {
    var random = KeyedRandom(seed: 42, 3, 14, 15)
    #expect(random.next() == 0xe2bddcfd476b7cf6)
    #expect(random.uniform() == 0.2604812722692127)
    #expect(random.normal() == 0.31781797396373773)
    #expect(random.shuffled(8) == [7, 2, 1, 0, 5, 6, 3, 4])
  }

  @Test func logarithmAndExponentialAgreeWithTheLibrary() {
    var random = KeyedRandom(seed: 6)
    for _ in 0..<5000 {
      let x = pow(10, random.uniform(in: -300...300))
      #expect(abs(DeterministicMath.log(x) - log(x)) <= 4e-16 * max(abs(log(x)), 0.01))
      let near = random.uniform(in: 0.5...2)
      #expect(abs(DeterministicMath.log(near) - log(near)) <= 4e-16)
      let y = random.uniform(in: -700...700)
      #expect(abs(DeterministicMath.exp(y) / exp(y) - 1) <= 1e-15)
    }
    #expect(DeterministicMath.log(1) == 0)
    #expect(DeterministicMath.exp(0) == 1)
  }
}
