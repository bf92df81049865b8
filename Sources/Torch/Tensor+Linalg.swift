extension Tensor {
  /// The matrix product, batched and broadcast as `torch.matmul` does.
  public func matmul(_ other: Tensor) -> Tensor { Aten.matmul(self, other) }

  /// x wT + b: x [..., in], weight [out, in], bias [out], result [..., out].
  public func linear(_ weight: Tensor, bias: Tensor? = nil) -> Tensor { Aten.linear(self, weight, bias) }

  /// Multi-head self-attention of a packed projection [B, N, 3 H D] (q, k, v; heads contiguous inside each): [B, N, H D].
  public func attention(numHeads: Int) -> Tensor { Aten.attention(self, numHeads) }

  /// A 2-D convolution: x [N, C, H, W], weight [out, C, kh, kw], bias [out].
  public func conv2d(_ weight: Tensor, bias: Tensor?, stride: [Int], padding: [Int] = [0, 0]) -> Tensor {
    Aten.conv2d(self, weight, bias, stride, padding)
  }

  /// Normalises over the last dimension, then scales and shifts (Ba et al. 2016); weight and bias [size(-1)].
  public func layerNorm(weight: Tensor?, bias: Tensor?, eps: Double) -> Tensor {
    Aten.layerNorm(self, [size(-1)], weight, bias, eps)
  }

  /// Zeros elements with probability `probability` and scales the rest by 1 / (1 - probability), as `key` decides for each
  /// element by the place of its sample, and by its own place in the sample alone.
  /// - Parameters:
  ///   - firstSample: the place of sample 0 of this tensor [N, ...].
  ///   - sampleStride: the step from the place of one sample to that of the next.
  public func dropout(_ probability: Double, key: Int, firstSample: Int = 0, sampleStride: Int = 1) -> Tensor {
    Aten.dropout(self, probability, key, firstSample, sampleStride)
  }

  /// Bicubic resampling of [N, C, H, W] to a size; antialiased unless asked otherwise, corners not aligned.
  public func resizedBicubic(_ size: [Int], antialias: Bool = true) -> Tensor {
    antialias
      ? Aten.bicubic(self, size, false, Double?.none, Double?.none)
      : Aten.bicubicPlain(self, size, false, Double?.none, Double?.none)
  }

  /// Antialiased bilinear resampling of [N, C, H, W] to a size, corners not aligned.
  public func resizedBilinear(_ size: [Int]) -> Tensor {
    Aten.bilinear(self, size, false, Double?.none, Double?.none)
  }

  /// The mean cross-entropy of logits [N, C] against class indices [N] or probabilities [N, C].
  public func crossEntropy(_ target: Tensor, labelSmoothing: Double = 0, reduction: LossReduction = .mean) -> Tensor {
    Aten.crossEntropy(self, target, Tensor?.none, reduction.code, -100, labelSmoothing)
  }

  /// The binary cross-entropy of logits against probabilities of the same shape and dtype, each element by itself.
  public func binaryCrossEntropy(_ target: Tensor, reduction: LossReduction = .mean) -> Tensor {
    Aten.binaryCrossEntropy(self, target, Tensor?.none, Tensor?.none, reduction.code)
  }
}

/// How the losses of a batch become one.
public enum LossReduction: String, Sendable, Codable, CaseIterable {
  case none, mean, sum

  var code: Int {
    switch self {
    case .none: 0
    case .mean: 1
    case .sum: 2
    }
  }
}
