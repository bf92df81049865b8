public import NN
public import Torch

/// Sorts the parameters of a model into groups.
public enum ParameterGroups {
  /// Tokens and position embeddings, which do not decay although they have more than one dim.
  public static let noDecayNames: Set<String> = ["pos_embed", "cls_token", "dist_token", "reg_token"]

  /// Whether weight decay would harm the parameter: biases, norms and layer scales (one dim), tokens and positions.
  public static func isExemptFromDecay(_ parameter: NamedTensor) -> Bool {
    parameter.tensor.ndim <= 1 || parameter.name.hasSuffix(".bias")
      || noDecayNames.contains(parameter.name.split(separator: ".").last.map(String.init) ?? "")
  }

  /// Groups of all trained parameters of `module`, each parameter in exactly one; frozen ones are left out. Groups come
  /// in the order of their first parameter, and so are the same in every run.
  ///
  /// - Parameters:
  ///   - module: the model, already on its device.
  ///   - exemptingFromDecay: put what `isExemptFromDecay` into groups whose weight decay is scaled by 0.
  ///   - learningRateScale: the factor of each parameter's learning rate, by name.
  public static func of(
    _ module: any Module, exemptingFromDecay: Bool = true, learningRateScale: (String) -> Double = { _ in 1 }
  ) -> [ParameterGroup] {
    struct Key: Hashable {
      let decays: Bool
      let scale: Double
    }
    var positions: [Key: Int] = [:]
    var groups: [ParameterGroup] = []
    for parameter in module.namedParameters where parameter.tensor.requiresGrad {
      let key = Key(
        decays: !(exemptingFromDecay && isExemptFromDecay(parameter)), scale: learningRateScale(parameter.name))
      if let position = positions[key] {
        groups[position].parameters.append(parameter)
      } else {
        positions[key] = groups.count
        groups.append(
          ParameterGroup([parameter], weightDecayScale: key.decays ? 1 : 0, learningRateScale: key.scale))
      }
    }
    return groups
  }
}
