import KeyedRandom
import NN
import Testing
import Torch

@Suite struct InitializerTests {
  private func filled(_ initializer: Initializer, _ shape: [Int] = [400, 300], seed: UInt64 = 1) -> [Double] {
    let tensor = Tensor.full(shape, .nan)
    tensor.requiresGrad = true
    initializer.fill(tensor, KeyedRandom(seed: seed))
    return tensor.detach().doubles()
  }

  private func moments(_ values: [Double]) -> (mean: Double, std: Double, largest: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    return (mean, variance.squareRoot(), values.map(abs).max()!)
  }

  private func expect(
    _ values: [Double], std: Double, largest: ClosedRange<Double>, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let found = moments(values)
    // Five deviations of the mean, and 1.5 percent on the deviation, of 120,000 draws.
    #expect(
      Swift.abs(found.mean) < 5 * std / Double(values.count).squareRoot(), "\(found)", sourceLocation: sourceLocation)
    #expect(Swift.abs(found.std / std - 1) < 0.015, "\(found)", sourceLocation: sourceLocation)
    #expect(largest.contains(found.largest), "\(found)", sourceLocation: sourceLocation)
  }

  @Test func constants() {
    #expect(Set(filled(.zeros)) == [0])
    #expect(Set(filled(.constant(0.5))) == [0.5])
  }

  @Test func normal() {
    expect(filled(.normal(std: 0.02)), std: 0.02, largest: 0.07...0.12)
  }

  @Test func truncatedNormalCutsAtTwoInAbsoluteTerms() {
    expect(filled(.truncatedNormal(std: 0.02)), std: 0.02, largest: 0.07...0.12)
    // A standard normal cut at two deviations has the deviation 0.8796.
    expect(filled(.truncatedNormal(std: 1)), std: 0.8796, largest: 1.99...2)
  }

  @Test func xavierUniform() {
    let bound = (6.0 / 700).squareRoot()
    expect(filled(.xavierUniform), std: bound / 3.0.squareRoot(), largest: bound * 0.999...bound)
    let convolution = (6.0 / Double(300 * 4 + 100 * 4)).squareRoot()
    expect(
      filled(.xavierUniform, [100, 300, 2, 2]), std: convolution / 3.0.squareRoot(),
      largest: convolution * 0.999...convolution)
  }

  @Test func lecunNormalHasTheVarianceOfTheFan() {
    let std = (1.0 / 300).squareRoot()
    expect(filled(.lecunNormal), std: std, largest: 2.2 * std...2.274 * std)
  }

  @Test func uniformByFanIn() {
    let bound = 1 / 300.0.squareRoot()
    expect(filled(.uniformByFanIn(300)), std: bound / 3.0.squareRoot(), largest: bound * 0.999...bound)
  }

  @Test func seedsDecide() {
    let initializer = Initializer.truncatedNormal(std: 0.02)
    #expect(filled(initializer, seed: 5) == filled(initializer, seed: 5))
    #expect(filled(initializer, seed: 5) != filled(initializer, seed: 6))
  }

  /// A part gets the values that the full tensor would have there, by the full tensor's fan.
  @Test(arguments: [Initializer.xavierUniform, .lecunNormal, .truncatedNormal(std: 0.02)])
  func aPartOfATensorHasItsValues(_ initializer: Initializer) {
    let full = Tensor.zeros([12, 10])
    initializer.fill(full, KeyedRandom(seed: 4))
    // A rank's heads of queries, keys and values; and its features of the input.
    for layout in [
      ShardLayout(of: [12, 10], dim: 0, ranges: [2..<4, 6..<8, 10..<12]),
      ShardLayout(of: [12, 10], dim: 1, ranges: [5..<10]),
      ShardLayout(whole: [12, 10]),
    ] {
      let part = Tensor.zeros(layout.shape)
      initializer.fill(part, KeyedRandom(seed: 4), layout: layout)
      #expect(part.isEqual(to: layout.part(of: full)))
    }
    // The planted fault: a part that is filled as if it were the whole.
    let alone = Tensor.zeros([12, 5])
    initializer.fill(alone, KeyedRandom(seed: 4))
    #expect(!alone.isEqual(to: full.narrow(1, start: 5, length: 5)))
  }
}
