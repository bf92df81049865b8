import KeyedRandom
import NN
import TestSupport
import Testing
import Torch

@Suite struct LayerTests {
  private let generator = Generator(seed: 12)

  private func random(_ shape: [Int], dtype: DType = .float32) -> Tensor {
    Tensor.randn(shape, generator: generator, dtype: dtype)
  }

  private func randomise(_ module: any Module) {
    withoutGrad {
      for parameter in module.parameters { parameter.normal_(generator: generator) }
    }
  }

  @Test func patchConvolutionIsAConvolution() {
    let layer = PatchConvolution(inChannels: 3, outChannels: 5, patchSize: 4)
    randomise(layer)
    // Neither square nor symmetric: swapped axes show.
    let images = random([2, 3, 8, 12])
    let expected = images.conv2d(layer.weight, bias: layer.bias, stride: [4, 4]).flatten(from: 2).transpose(1, 2)
    expectClose(layer(images), expected, tolerance: 1e-6)
    #expect(maxRelativeDifference(layer(images.transpose(2, 3).contiguous()), expected) > 0.1)
  }

  @Test func imagesThatDoNotFitTrap() async {
    await #expect(processExitsWith: .failure) {
      _ = PatchConvolution(inChannels: 3, outChannels: 5, patchSize: 4)(Tensor.zeros([1, 3, 8, 10]))
    }
  }

  @Test func attentionIsTheFormula() {
    let attention = MultiHeadAttention(8, numHeads: 2)
    randomise(attention)
    let x = random([2, 5, 8])
    let parts = attention.qkv(x).chunk(3, dim: 2)
    let heads = (0..<2).map { head in
      let (q, k, v) = (parts[0], parts[1], parts[2])
      func slice(_ t: Tensor) -> Tensor { t.narrow(2, start: head * 4, length: 4) }
      return (slice(q).matmul(slice(k).transpose(1, 2)) / 2).softmax(2).matmul(slice(v))
    }
    let expected = attention.projection(Tensor.concatenated(heads, dim: 2))
    expectClose(attention(x, .inference), expected, tolerance: 1e-5)
  }

  private func context(_ path: Int...) -> ForwardContext { .training(KeyedRandom(seed: 3, path: path)) }

  @Test func attentionDropoutActsOnWeights() {
    let attention = MultiHeadAttention(8, numHeads: 2, attentionDropout: 0.5)
    randomise(attention)
    let x = random([1, 4, 8])
    // Dropout scales what it keeps, so that the mean over many draws is the undropped value.
    var sum = Tensor.zeros([1, 4, 8])
    let draws = 4000
    withoutGrad {
      for draw in 0..<draws { sum = sum + attention(x, context(draw)) }
    }
    let mean = sum / Double(draws)
    #expect(maxRelativeDifference(mean, attention(x, .inference).detach()) < 0.08)
    #expect(!attention(x, context(0)).isEqual(to: attention(x, .inference)))
  }

  @Test func dropoutKeepsTheMeanAndIsAFunctionOfItsKey() {
    let x = Tensor.ones([200, 200])
    let y = Dropout(0.3)(x, context())
    #expect(Set(y.array(Float.self)) == [0, 1 / 0.7])
    let kept = y.isGreater(than: 0).to(.float32).mean().item()
    // Five deviations of the mean of 40,000 draws.
    #expect(abs(kept - 0.7) < 5 * (0.3 * 0.7 / 40000).squareRoot())
    #expect(Dropout(0.3)(x, context()).isEqual(to: y))
    #expect(!Dropout(0.3)(x, context(1)).isEqual(to: y))
    #expect(!Dropout(0.3)(x, context().scoped("drop1")).isEqual(to: y))
    #expect(Dropout(0.3)(x, .inference) === x)
    #expect(Dropout(0)(x, .training) === x)
  }

  @Test func stochasticDepthDropsWholeSamples() {
    let x = Tensor.ones([10000, 2, 3])
    let y = StochasticDepth(0.2)(x, context())
    let sums = y.sum([1, 2]).array(Float.self)
    #expect(Set(sums) == [0, 6 / 0.8])
    let kept = Double(sums.filter { $0 > 0 }.count) / 10000
    #expect(abs(kept - 0.8) < 5 * (0.2 * 0.8 / 10000).squareRoot())
    #expect(StochasticDepth(0.2)(x, context()).isEqual(to: y))
    #expect(!StochasticDepth(0.2)(x, context(1)).isEqual(to: y))
    #expect(StochasticDepth(0.2)(x, .inference) === x)
    #expect(StochasticDepth(0)(x, .training) === x)
  }

  /// A sample's own place decides, not who computes it with which others.
  @Test func everySampleHasItsOwnDraws() {
    let x = random([6, 5, 7])
    for layer in [{ Dropout(0.4)($0, $1) }, { StochasticDepth(0.5)($0, $1) }] as [(Tensor, ForwardContext) -> Tensor] {
      let whole = layer(x, context())
      // Two batches one after the other, and two ranks of a stride of the samples each.
      var second = context()
      second.firstSample = 4
      #expect(layer(x.narrow(0, start: 0, length: 4), context()).isEqual(to: whole.narrow(0, start: 0, length: 4)))
      #expect(layer(x.narrow(0, start: 4, length: 2), second).isEqual(to: whole.narrow(0, start: 4, length: 2)))
      for rank in 0..<2 {
        var strided = context()
        (strided.firstSample, strided.sampleStride) = (rank, 2)
        let places = Tensor([rank, rank + 2, rank + 4] as [Int])
        #expect(layer(x.indexSelect(0, places), strided).isEqual(to: whole.indexSelect(0, places)))
      }
      // The planted fault: places that start anew.
      #expect(!layer(x.narrow(0, start: 4, length: 2), context()).isEqual(to: whole.narrow(0, start: 4, length: 2)))
    }
  }

  @Test func droppingWithoutAKeyTraps() async {
    await #expect(processExitsWith: .failure) { _ = Dropout(0.5)(Tensor.ones([2, 2]), .training) }
  }

  @Test func layerFactoriesAreAsked() {
    struct Counting: LayerFactory {
      final class Log { var roles: [LinearRole] = [] }
      let log = Log()
      func linear(_ inFeatures: Int, _ outFeatures: Int, bias: Bool, role: LinearRole) -> any LinearLayer {
        log.roles.append(role)
        return WholeLayers().linear(inFeatures, outFeatures, bias: bias, role: role)
      }
    }
    let factory = Counting()
    _ = MultiHeadAttention(8, numHeads: 2, layers: factory)
    _ = FeedForward(8, hiddenDim: 16, layers: factory)
    #expect(factory.log.roles == [.queryKeyValue, .attentionOutput, .feedForwardIn, .feedForwardOut])
  }

  @Test func probabilitiesOutOfRangeTrap() async {
    await #expect(processExitsWith: .failure) { _ = Dropout(1) }
    await #expect(processExitsWith: .failure) { _ = StochasticDepth(-0.1) }
    await #expect(processExitsWith: .failure) { _ = MultiHeadAttention(10, numHeads: 3) }
  }
}
