/// A parameter of a model that need not be built: its name and shape.
public struct ParameterShape: Sendable, Equatable {
  /// timm's name, as in the state dict.
  public let name: String
  /// The sizes of its dims.
  public let shape: [Int]
  /// Scalars.
  public var count: Int { shape.reduce(1, *) }

  init(_ name: String, _ shape: [Int]) {
    self.name = name
    self.shape = shape
  }
}

extension ViTConfig {
  /// All parameters of the model with this shape, in the order of its state dict.
  public var parameterShapes: [ParameterShape] {
    var list: [ParameterShape] = []
    let d = embedDim
    if classToken { list.append(.init("cls_token", [1, 1, d])) }
    if numRegisterTokens > 0 { list.append(.init("reg_token", [1, numRegisterTokens, d])) }
    list.append(.init("pos_embed", [1, numPositions, d]))
    if distilled { list.append(.init("dist_token", [1, 1, d])) }
    list.append(.init("patch_embed.proj.weight", [d, inChannels, patchSize, patchSize]))
    list.append(.init("patch_embed.proj.bias", [d]))
    for index in 0..<depth {
      for parameter in blockParameterShapes {
        list.append(.init("blocks.\(index).\(parameter.name)", parameter.shape))
      }
    }
    let norm = pooling == .token ? "norm" : "fc_norm"
    list += [.init("\(norm).weight", [d]), .init("\(norm).bias", [d])]
    func addLinear(_ name: String, _ inputs: Int, _ outputs: Int) {
      list += [.init("\(name).weight", [outputs, inputs]), .init("\(name).bias", [outputs])]
    }
    if representationSize > 0 { addLinear("pre_logits.fc", d, representationSize) }
    addLinear("head", headDim, numClasses)
    if distilled { addLinear("head_dist", d, numClasses) }
    return list
  }

  /// The parameters of one transformer block, without the block's own prefix.
  public var blockParameterShapes: [ParameterShape] {
    let (d, h) = (embedDim, mlpHiddenDim)
    var list: [ParameterShape] = [.init("norm1.weight", [d]), .init("norm1.bias", [d])]
    list.append(.init("attn.qkv.weight", [3 * d, d]))
    if qkvBias { list.append(.init("attn.qkv.bias", [3 * d])) }
    list += [.init("attn.proj.weight", [d, d]), .init("attn.proj.bias", [d])]
    if layerScale > 0 { list.append(.init("ls1.gamma", [d])) }
    list += [.init("norm2.weight", [d]), .init("norm2.bias", [d])]
    list += [.init("mlp.fc1.weight", [h, d]), .init("mlp.fc1.bias", [h])]
    list += [.init("mlp.fc2.weight", [d, h]), .init("mlp.fc2.bias", [d])]
    if layerScale > 0 { list.append(.init("ls2.gamma", [d])) }
    return list
  }
}
