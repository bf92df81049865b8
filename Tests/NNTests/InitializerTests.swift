import NN
import Testing
import Torch

@Suite struct InitializerTests {
  private func filled(_ initializer: Initializer, _ shape: [Int] = [400, 300], seed: UInt64 = 1) -> [Double] {
    let tensor = Tensor.full(shape, .nan)
    tensor.requiresGrad = true
    initializer.fill(tensor, Generator(seed: seed))
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
}
