import Foundation
import NN
import TestSupport
import Testing
import Torch
import VisionModels

@Suite struct InitializationTests {
  private let config = ViTConfig(imageSize: 64, patchSize: 8, embedDim: 192, depth: 1, numHeads: 3, numClasses: 100)

  private func std(_ tensor: Tensor) -> Double {
    tensor.detach().flatten().variance([0]).sqrt().item()
  }

  private func expectNear(_ found: Double, _ expected: Double, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(abs(found / expected - 1) < 0.03, "\(found), \(expected)", sourceLocation: sourceLocation)
  }

  private func isZero(_ tensor: Tensor?) -> Bool { tensor?.abs().max().item() == 0 }

  @Test func timm() {
    let model = VisionTransformer(config, initialization: .timm)
    let block = model.blocks[0]
    for layer in [block.attention.qkv, block.attention.projection, block.feedForward.fc1, block.feedForward.fc2] {
      expectNear(std(layer.weight), 0.02)
      #expect(isZero(layer.bias))
    }
    expectNear(std(model.classifier.head.weight), 0.02)
    expectNear(std(model.positionEmbedding.positions), 0.02)
    #expect(model.positionEmbedding.classToken!.abs().max().item() < 1e-5)
    #expect(!isZero(model.positionEmbedding.classToken))
    let bound = 1 / 192.0.squareRoot()
    let patches = model.patchEmbedding.projection
    expectNear(std(patches.weight), bound / 3.0.squareRoot())
    #expect(patches.weight.abs().max().item() <= bound)
    #expect(patches.bias!.abs().max().item() <= bound && !isZero(patches.bias))
    #expect(block.norm1.weight.min().item() == 1 && isZero(block.norm1.bias))
  }

  @Test func jax() {
    let model = VisionTransformer(config, initialization: .jax)
    let block = model.blocks[0]
    expectNear(std(block.attention.qkv.weight), (2.0 / (192 + 576)).squareRoot())
    expectNear(std(block.feedForward.fc1.weight), (2.0 / (192 + 768)).squareRoot())
    #expect(isZero(block.attention.qkv.bias))
    #expect(!isZero(block.feedForward.fc1.bias) && block.feedForward.fc1.bias!.abs().max().item() < 1e-5)
    #expect(isZero(model.classifier.head.weight) && isZero(model.classifier.head.bias))
    let patches = model.patchEmbedding.projection
    expectNear(std(patches.weight), (1.0 / 192).squareRoot())
    #expect(patches.weight.abs().max().item() <= 2 * (1.0 / 192).squareRoot() / 0.87962)
    #expect(isZero(patches.bias))
  }

  @Test func mae() {
    let model = VisionTransformer(config, initialization: .mae)
    expectNear(std(model.patchEmbedding.projection.weight), (2.0 / (192 + 192)).squareRoot())
    expectNear(std(model.blocks[0].feedForward.fc2.weight), (2.0 / (192 + 768)).squareRoot())
    #expect(isZero(model.blocks[0].feedForward.fc2.bias))
    expectNear(std(model.classifier.head.weight), (2.0 / (192 + 100)).squareRoot())
    let positions = model.positionEmbedding.positions
    #expect(!positions.requiresGrad)
    #expect(positions.isEqual(to: PositionEmbedding.sinCos(dim: 192, gridSize: 8, numPrefixTokens: 1)))
    model.convert(to: .float64)
    #expect(!model.positionEmbedding.positions.requiresGrad)
  }

  @Test func aRepresentationLayerIsFilled() throws {
    var config = config
    config.representationSize = 128
    for (initialization, expected) in [
      (ViTInitialization.timm, (1.0 / 192).squareRoot()), (.jax, (1.0 / 192).squareRoot()),
      (.mae, (2.0 / (192 + 128)).squareRoot()),
    ] {
      let layer = try #require(
        VisionTransformer(config, initialization: initialization).classifier.representation)
      expectNear(std(layer.weight), expected)
      #expect(isZero(layer.bias))
    }
  }

  @Test func layerScaleStartsWhereItIsTold() {
    var config = config
    config.layerScale = 1e-6
    let block = VisionTransformer(config).blocks[0]
    #expect(block.layerScale1?.gamma.array(Float.self) == Array(repeating: 1e-6, count: 192))
    #expect(block.layerScale2?.gamma.array(Float.self) == Array(repeating: 1e-6, count: 192))
  }

  /// A parameter's values depend on its name alone: neither another depth nor another head moves those of the others.
  @Test func namesDecideTheValues() {
    let model = VisionTransformer(config, seed: 3).stateDict
    var deeper = config
    (deeper.depth, deeper.numClasses) = (3, 7)
    let other = VisionTransformer(deeper, seed: 3).stateDict
    let same = model.names.filter { model[$0]!.shape == other[$0]!.shape }
    #expect(same.count == model.count - 2)
    for name in same { #expect(model[name]!.isEqual(to: other[name]!), "\(name)") }
    // Different names, and different seeds, have values of their own.
    #expect(!other["blocks.1.attn.qkv.weight"]!.isEqual(to: other["blocks.2.attn.qkv.weight"]!))
    #expect(!VisionTransformer(config, seed: 4).stateDict["pos_embed"]!.isEqual(to: model["pos_embed"]!))
  }
}
