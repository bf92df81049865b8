import Recipes
import Settings
import Testing
import VisionModels

@Suite struct ModelOptionsTests {
  /// The keys and their order are those of recipes that were written before.
  @Test func theKeysAreTheseInThisOrder() {
    #expect(
      OptionsEncoder.encode(ModelOptions()).keys == [
        "name", "initialization", "weights", "image_size", "patch_size", "embed_dim", "depth", "num_heads", "mlp_ratio",
        "qkv_bias", "pooling", "representation_size", "layer_scale", "position_dropout", "attention_dropout",
        "projection_dropout", "head_dropout", "stochastic_depth",
      ])
  }

  @Test func changesActOnThePreset() throws {
    let yaml = "name: deit3_small_patch16_224\ndepth: 3\npooling: mean\nqkv_bias: false\nlayer_scale: null\n"
    let options = try OptionsLoader.load(ModelOptions.self, yaml: yaml)
    var expected = try #require(ViTPresets["deit3_small_patch16_224"]).config
    expected.depth = 3
    expected.pooling = .mean
    expected.qkvBias = false
    expected.numClasses = 5
    #expect(options.config(numClasses: 5) == expected)
    #expect(options.layerScale == nil && options.depth == 3)
    #expect(try OptionsLoader.load(ModelOptions.self, yaml: OptionsEncoder.encode(options).yaml) == options)
  }

  @Test(arguments: [
    ("depth: deep", "depth"), ("depth: 0", "depth"), ("embed_dim: 100", "embed_dim"), ("num_heads: 5", "embed_dim"),
    ("num_classes: 10", "num_classes"), ("distilled: true", "distilled"), ("head_dropout: 1", "head_dropout"),
  ]) func whatCannotBeIsRefused(yaml: String, path: String) {
    let error = #expect(throws: OptionsError.self) { try OptionsLoader.load(ModelOptions.self, yaml: yaml) }
    #expect(error?.issues.map(\.path) == [path], "\(String(describing: error))")
  }
}
