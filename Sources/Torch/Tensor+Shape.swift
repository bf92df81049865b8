extension Tensor {
  /// The same elements in another shape; one size may be -1. Copies only where a view is not possible.
  public func reshape(_ shape: [Int]) -> Tensor { Aten.reshape(self, shape) }

  /// The same memory in another shape; traps where that is not possible.
  public func view(_ shape: [Int]) -> Tensor { Aten.view(self, shape) }

  /// Two dimensions exchanged; a view.
  public func transpose(_ dim0: Int, _ dim1: Int) -> Tensor { Aten.transpose(self, dim0, dim1) }

  /// The dimensions in another order; a view.
  public func permute(_ dims: [Int]) -> Tensor { Aten.permute(self, dims) }

  /// The dimensions from `start` to `end` as one.
  public func flatten(from start: Int = 0, to end: Int = -1) -> Tensor { Aten.flatten(self, start, end) }

  /// Dimensions of size 1 repeated without copying; -1 leaves a size as it is.
  public func expand(_ shape: [Int]) -> Tensor { Aten.expand(self, shape) }

  /// A new dimension of size 1 at `dim`; a view.
  public func unsqueeze(_ dim: Int) -> Tensor { Aten.unsqueeze(self, dim) }

  /// Without the dimension `dim`, if its size is 1; a view.
  public func squeeze(_ dim: Int) -> Tensor { Aten.squeeze(self, dim) }

  /// `length` entries of dimension `dim` from `start`; a view.
  public func narrow(_ dim: Int, start: Int, length: Int) -> Tensor { Aten.narrow(self, dim, start, length) }

  /// One entry of dimension `dim`, which goes away; a view.
  public func select(_ dim: Int, _ index: Int) -> Tensor { Aten.select(self, dim, index) }

  /// The entries of a dimension, one tensor each; views.
  public func unbind(_ dim: Int = 0) -> [Tensor] { Aten.unbind.list(self, dim) }

  /// Pieces of `size` entries of a dimension, the last one possibly shorter; views.
  public func split(_ size: Int, dim: Int = 0) -> [Tensor] { Aten.split.list(self, size, dim) }

  /// Pieces of the given sizes of a dimension; views.
  public func split(_ sizes: [Int], dim: Int = 0) -> [Tensor] { Aten.splitSizes.list(self, sizes, dim) }

  /// At most `count` pieces of equal size of a dimension, the last one possibly shorter; views.
  public func chunk(_ count: Int, dim: Int = 0) -> [Tensor] { Aten.chunk.list(self, count, dim) }

  /// The order of entries reversed in some dimensions; a copy.
  public func flip(_ dims: [Int]) -> Tensor { Aten.flip(self, dims) }

  /// Entries moved by `shift` along `dim`, those that leave at the end coming back at the start.
  public func roll(_ shift: Int, dim: Int) -> Tensor { Aten.roll(self, [shift], [dim]) }

  /// Windows of `size` entries of `dim`, `step` apart, as a new last dimension; a view.
  public func unfold(_ dim: Int, size: Int, step: Int) -> Tensor { Aten.unfold(self, dim, size, step) }
}
