import NN
import Optim
import Testing
import Torch

@Suite struct LayerDecayTests {
  /// MAE's scales of a transformer of four blocks.
  @Test func scales() {
    let layers = LayerDecay(0.5, numBlocks: 4)
    let expected: [(name: String, layer: Int)] = [
      ("cls_token", 0), ("pos_embed", 0), ("reg_token", 0), ("dist_token", 0), ("patch_embed.proj.weight", 0),
      ("patch_embed.proj.bias", 0), ("blocks.0.norm1.weight", 1), ("blocks.3.mlp.fc2.bias", 4), ("norm.weight", 5),
      ("fc_norm.bias", 5), ("pre_logits.fc.weight", 5), ("head.weight", 5), ("head_dist.bias", 5),
    ]
    let scales: [Double] = [0.03125, 0.0625, 0.125, 0.25, 0.5, 1]
    for (name, layer) in expected {
      #expect(layers.layer(of: name) == layer, "\(name)")
      #expect(layers.scale(of: name) == scales[layer], "\(name)")
    }
    #expect(LayerDecay(1, numBlocks: 4).scale(of: "cls_token") == 1)
    let bounded = LayerDecay(0.5, numBlocks: 4, minScale: 0.2)
    #expect(["cls_token", "blocks.1.norm1.bias", "blocks.3.norm1.bias"].map(bounded.scale) == [0.2, 0.2, 0.5])
  }

  private final class Blocks: Module {
    let blocks = [Linear(3, 3), Linear(3, 3)]
    let head = Linear(3, 2)
    func visit(_ visitor: inout ParameterVisitor) {
      visitor.submodules("blocks", blocks)
      visitor.submodule("head", head)
    }
  }

  /// Every layer is a group of its own, once with and once without decay, and steps by its rate.
  @Test func groupsStepByTheirRates() {
    let model = Blocks()
    let layers = LayerDecay(0.5, numBlocks: 2)
    let groups = ParameterGroups.of(model, learningRateScale: layers.scale)
    #expect(groups.map(\.learningRateScale) == [0.25, 0.25, 0.5, 0.5, 1, 1])
    var options = SGD.Options()
    options.momentum = 0
    let optimizer = SGD(groups, options: options)
    let before = model.stateDict.cloned()
    for parameter in model.parameters { parameter.grad = parameter.onesLike() }
    optimizer.step(learningRate: 0.1)
    for (name, scale) in [("blocks.0.weight", 0.25), ("blocks.1.bias", 0.5), ("head.weight", 1)] {
      let moved = (before[name]! - model.stateDict[name]!.detach()).doubles()
      #expect(moved.allSatisfy { abs($0 - 0.1 * scale) < 1e-6 }, "\(name)")
    }
  }
}
