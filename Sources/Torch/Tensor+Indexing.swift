extension Tensor {
  /// Entries of dimension `dim` at `indices` (int64 [n]).
  public func indexSelect(_ dim: Int, _ indices: Tensor) -> Tensor { Aten.indexSelect(self, dim, indices) }

  /// Elements at `indices` along `dim`; the result has the shape of `indices`.
  public func gather(_ dim: Int, _ indices: Tensor) -> Tensor { Aten.gather(self, dim, indices) }

  /// This tensor's elements where `condition` holds, `other`'s elsewhere.
  public func selecting(where condition: Tensor, else other: Tensor) -> Tensor {
    Aten.whereSelf(condition, self, other)
  }

  /// A bool for every pair of elements: equal.
  public func equals(_ other: Tensor) -> Tensor { Aten.eq(self, other) }

  /// A bool for every element: above `value`.
  public func isGreater(than value: Double) -> Tensor { Aten.gt(self, value) }

  /// A bool for every element: below `value`.
  public func isLess(than value: Double) -> Tensor { Aten.lt(self, value) }

  /// A bool for every pair of elements, broadcast: above the other.
  public func isGreater(than other: Tensor) -> Tensor { Aten.gtTensor(self, other) }

  /// A bool for every pair of elements, broadcast: below the other.
  public func isLess(than other: Tensor) -> Tensor { Aten.ltTensor(self, other) }

  /// The opposite of every bool.
  public func logicalNot() -> Tensor { Aten.logicalNot(self) }

  /// Both of two bools, elementwise.
  public func logicalAnd(_ other: Tensor) -> Tensor { Aten.logicalAnd(self, other) }

  /// Either of two bools, elementwise.
  public func logicalOr(_ other: Tensor) -> Tensor { Aten.logicalOr(self, other) }

  /// Class indices (int64 [...]) as rows of zeros with a one: int64 [..., numClasses].
  public func oneHot(numClasses: Int) -> Tensor { Aten.oneHot(self, numClasses) }

  /// Writes `value` at `indices` along `dim`.
  @discardableResult
  public func scatter_(_ dim: Int, _ indices: Tensor, value: Double) -> Tensor {
    Aten.scatter(self, dim, indices, value)
  }
}
