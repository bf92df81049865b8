/// How the parameters of a Vision Transformer get their first values.
public enum ViTInitialization: String, Codable, Sendable, CaseIterable {
  /// timm's: linear layers and positions truncated normal of deviation 0.02, class token normal of 1e-6, distillation
  /// token truncated normal of 0.02, the patch convolution uniform by its fan, a representation layer LeCun normal,
  /// biases 0.
  case timm
  /// The original's: linear layers Xavier uniform, biases of the perceptrons normal of 1e-6, head 0, patch convolution
  /// and representation layer LeCun normal, positions and tokens as timm's.
  case jax
  /// Masked autoencoders' (arXiv:2111.06377): linear layers and the flattened patch convolution Xavier uniform, tokens
  /// normal of 0.02, positions fixed sines and cosines that are not trained.
  case mae
}
