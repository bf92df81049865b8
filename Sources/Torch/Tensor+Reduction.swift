extension Tensor {
  /// The sum of all elements, a scalar.
  public func sum() -> Tensor { Aten.sum(self) }

  /// The sum over dimensions.
  public func sum(_ dims: [Int], keepDim: Bool = false) -> Tensor { Aten.sumDims(self, dims, keepDim) }

  /// The mean of all elements, a scalar.
  public func mean() -> Tensor { Aten.mean(self) }

  /// The mean over dimensions.
  public func mean(_ dims: [Int], keepDim: Bool = false) -> Tensor { Aten.meanDims(self, dims, keepDim) }

  /// The variance over dimensions; `correction` 1 divides by n - 1.
  public func variance(_ dims: [Int], correction: Int = 1, keepDim: Bool = false) -> Tensor {
    Aten.variance(self, dims, correction, keepDim)
  }

  /// The largest element, a scalar.
  public func max() -> Tensor { Aten.max(self) }

  /// The smallest element, a scalar.
  public func min() -> Tensor { Aten.min(self) }

  /// The index of the largest element along `dim`, int64.
  public func argmax(_ dim: Int, keepDim: Bool = false) -> Tensor { Aten.argmax(self, dim, keepDim) }

  /// The `k` largest elements along `dim`, in falling order, and their indices (int64).
  public func topk(_ k: Int, dim: Int = -1) -> (values: Tensor, indices: Tensor) {
    let (values, indices) = Aten.topk.pair(self, k, dim)
    return (values, indices)
  }

  /// Whether all elements are true (not zero), a bool scalar.
  public func all() -> Tensor { Aten.all(self) }

  /// Whether all elements along `dim` are true (not zero), bools.
  public func all(_ dim: Int) -> Tensor { Aten.allDim(self, dim) }

  /// The Euclidean norm of all elements, a scalar.
  public func norm() -> Tensor { Aten.norm(self) }

  /// The p-norm of all elements, a scalar.
  public func norm(_ p: Double) -> Tensor { Aten.norm(self, p) }

  /// The Euclidean norm along `dim`.
  public func norm(dim: Int) -> Tensor { Aten.norm(self, 2, [dim]) }

  /// exp(x) over its sum along `dim`.
  public func softmax(_ dim: Int) -> Tensor { Aten.softmax(self, dim) }

  /// The logarithm of `softmax(dim)`, computed stably.
  public func logSoftmax(_ dim: Int) -> Tensor { Aten.logSoftmax(self, dim) }

  /// Running sums along `dim`.
  public func cumsum(_ dim: Int) -> Tensor { Aten.cumsum(self, dim) }

  /// Whether shape and all elements are the same. Waits for the device.
  public func isEqual(to other: Tensor) -> Bool {
    HostReads.add()
    return Aten.equal.bool(self, other)
  }
}
