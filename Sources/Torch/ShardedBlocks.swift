import CTorch

/// Blocks of a model whose gradients, and values if wanted, the ranks of a group share out: they are whole only while a
/// block computes. Sums travel while the backward pass goes on, and values while the block before computes.
///
/// A pass is `arm`, then the blocks in order, each between `enter` and `leave`, or `skip`, then the backward pass, then
/// `finish`. Every rank makes as many passes.
public final class ShardedBlocks {
  /// A buffer of values and one of their gradients.
  public struct Piece {
    /// The place of the block in the forward pass; that behind the last is the rest of the model's.
    public var block: Int
    /// The values and gradients of all ranks, [n], of which the parameters and their gradients are views.
    public var values, gradients: Tensor
    /// This rank's slice of the values, [n / ranks], in memory of its own; nil leaves the values whole on all ranks.
    public var ownValues: Tensor?
    /// This rank's slice of the gradients' sums, [n / ranks].
    public var ownGradients: Tensor
    /// The parameters whose values these are.
    public var parameters: [Tensor]

    /// A piece of a block.
    public init(
      block: Int, values: Tensor, gradients: Tensor, ownValues: Tensor?, ownGradients: Tensor, parameters: [Tensor]
    ) {
      self.block = block
      self.values = values
      self.gradients = gradients
      self.ownValues = ownValues
      self.ownGradients = ownGradients
      self.parameters = parameters
    }
  }

  private let handle: vt_sharded_blocks
  private let backend: CollectiveBackend

  /// Takes the memory of the gradients, and watches the parameters; the values stay whole until the first pass.
  /// - Parameters:
  ///   - numBlocks: the blocks, whose pieces come with numbers from 0; those of the rest of the model have this number.
  ///   - dtype: the type in which gradients are sent and summed, where it is not their own.
  public init(
    _ pieces: [Piece], numBlocks: Int, over backend: CollectiveBackend, sendingAs dtype: DType? = nil
  ) {
    var out = vt_sharded_blocks()
    let parameters = pieces.flatMap(\.parameters).map(\.handle)
    parameters.withUnsafeBufferPointer { list in
      var start = 0
      let given = pieces.map { piece in
        defer { start += piece.parameters.count }
        return vt_block_piece(
          block: piece.block, values: piece.values.handle, gradients: piece.gradients.handle,
          own_values: piece.ownValues?.handle ?? vt_tensor(), own_gradients: piece.ownGradients.handle,
          parameters: list.baseAddress.map { $0 + start }, num_parameters: piece.parameters.count)
      }
      check(
        vt_sharded_blocks_create(
          backend.handle, given, given.count, numBlocks, dtype != nil, (dtype ?? .float32).code, &out))
    }
    handle = out
    self.backend = backend
  }

  deinit { vt_sharded_blocks_free(handle) }

  /// Begins a pass.
  public func arm() { check(vt_sharded_blocks_arm(handle)) }

  /// Makes a block's values whole, before it computes.
  public func enter(_ block: Int) { check(vt_sharded_blocks_enter(handle, block)) }

  /// Gives them back, and has them made whole again before the backward pass reaches `output`.
  public func leave(_ block: Int, output: Tensor) { check(vt_sharded_blocks_leave(handle, block, output.handle)) }

  /// Stands for both passes on a rank that has no samples.
  public func skip() { check(vt_sharded_blocks_skip(handle)) }

  /// Ends a pass: its sums over the ranks are added to this rank's slices of the gradients.
  /// - Returns: how many blocks' sums were started by the backward pass.
  @discardableResult
  public func finish() throws(NetworkError) -> Int {
    var overlapped: Int64 = 0
    try checkNetwork(vt_sharded_blocks_finish(handle, &overlapped))
    return Int(overlapped)
  }

  /// Makes all values whole until `share`, or the next pass, which take over what was changed in them meanwhile.
  public func hold() throws(NetworkError) { try checkNetwork(vt_sharded_blocks_hold(handle)) }

  /// Gives back what `hold` took.
  public func share() { check(vt_sharded_blocks_share(handle)) }
}
