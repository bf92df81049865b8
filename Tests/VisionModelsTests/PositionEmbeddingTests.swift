import TestSupport
import Testing
import Torch
import VisionModels

@Suite struct PositionEmbeddingTests {
  @Test(arguments: [(3, 5, 1), (6, 4, 2), (4, 9, 0), (7, 3, 1)])
  func resizingIsTimms(_ old: Int, _ new: Int, _ prefix: Int) throws {
    let fixture = try Fixture.load("position_resize")
    let name = "\(old)to\(new)prefix\(prefix)"
    let source = try #require(fixture["\(name).source"])
    let expected = try #require(fixture["\(name).resized"])
    expectClose(
      PositionEmbedding.resized(source, toGrid: new, numPrefixTokens: prefix), expected, tolerance: 1e-6, name)
    // Planted fault: no antialiasing, which shows when the grid shrinks.
    if new < old {
      let grid = source.narrow(1, start: prefix, length: old * old).reshape([1, old, old, 6]).permute([0, 3, 1, 2])
      let plain = grid.resizedBicubic([new, new], antialias: false).permute([0, 2, 3, 1]).reshape([1, new * new, 6])
      #expect(maxRelativeDifference(plain, expected.narrow(1, start: prefix, length: new * new)) > 1e-2)
    }
  }

  @Test func whatIsNoSquareGridIsRefused() {
    #expect(PositionEmbedding.resized(Tensor.zeros([1, 11, 4]), toGrid: 3, numPrefixTokens: 1) == nil)
    #expect(PositionEmbedding.resized(Tensor.zeros([10, 4]), toGrid: 3, numPrefixTokens: 1) == nil)
    #expect(PositionEmbedding.resized(Tensor.zeros([1, 1, 4]), toGrid: 3, numPrefixTokens: 1) == nil)
    #expect(PositionEmbedding.resized(Tensor.zeros([1, 0, 4]), toGrid: 3, numPrefixTokens: 1) == nil)
  }

  @Test func sinCosPutsColumnsFirst() {
    let values = PositionEmbedding.sinCos(dim: 8, gridSize: 3, numPrefixTokens: 1)
    #expect(values.shape == [1, 10, 8])
    let rows = values.select(0, 0).unbind(0).map { $0.array(Float.self) }
    #expect(rows[0] == [0, 0, 0, 0, 0, 0, 0, 0])
    #expect(rows[1] == [0, 0, 1, 1, 0, 0, 1, 1])
    // Row 1, column 2 of the grid: the column's sines and cosines at frequencies 1 and 1/100, then the row's.
    let expected: [Float] = [
      0.909297, 0.019999, -0.416147, 0.9998, 0.841471, 0.0099998, 0.540302, 0.99995,
    ]
    for (found, expected) in zip(rows[1 + 5], expected) { #expect(abs(found - expected) < 1e-5) }
  }
}
