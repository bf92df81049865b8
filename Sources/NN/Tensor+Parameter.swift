public import Torch

extension Tensor {
  /// A float32 tensor on the CPU, filled with `value`, that is trained.
  public static func parameter(_ shape: [Int], filledWith value: Double = 0) -> Tensor {
    let tensor = Tensor.full(shape, value)
    tensor.requiresGrad = true
    return tensor
  }
}
