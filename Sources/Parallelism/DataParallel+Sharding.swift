// What ranks share out, and how it becomes whole again:
//
//   stage   optimizer's state   gradients                          values
//   1       a slice             whole                              whole; gathered after a step
//   2       a slice             a slice; whole within a block's    whole; gathered after a step
//   3       a slice             backward pass                      a slice; whole while a block computes
//
// Outside of blocks (embeddings, the last norm, the head) stages 2 and 3 have whole values, and stage 3 gathers those alone
// after a step.
public import NN
import Optim
public import Torch

extension DataParallel: BlockMemory {
  /// This rank's part of a group.
  func cut(_ whole: ParameterGroup, offloads: Bool) -> ParameterGroup {
    let length = whole.values.count / (isSharded ? group.size : 1)
    let start = isSharded ? length * group.rank : 0
    var shard = ParameterGroup.Shard(
      range: start..<start + length,
      sumOverShards: { [group, isSharded, stepFailure] sums in
        do throws(CollectiveError) {
          if isSharded, stepFailure.error == nil { try group.allReduce(sums, "norms of parameters") }
        } catch { stepFailure.error = error }
      },
      gather: { [group, isSharded] slice, buffer in
        if isSharded { try group.allGather(slice, into: buffer, "slices of weights") } else { buffer.copy_(slice) }
      })
    let values = whole.values.narrow(0, start: start, length: length)
    if stage == 3, !whole.block.isEmpty { shard.values = values.clone() }
    if stage >= 2 { shard.gradients = values.zerosLike() }
    if offloads { shard.offloaded = (values.clone().to(.cpu), values.zerosLike().to(.cpu)) }
    var own = whole
    own.shard = shard
    return own
  }

  /// Hands the gradients of the groups, and the values of those in blocks, to whoever makes them whole at times.
  func shareBlocks(over backend: CollectiveBackend, sendingAs dtype: DType?) {
    for block in groups.map(\.block) where !block.isEmpty && blockNumbers[block] == nil {
      blockNumbers[block] = blockNumbers.count
    }
    let numBlocks = blockNumbers.count
    let pieces = groups.map { group in
      ShardedBlocks.Piece(
        block: blockNumbers[group.block] ?? numBlocks, values: group.values, gradients: group.gradients,
        ownValues: group.shard?.values, ownGradients: group.ownGradients, parameters: group.parameters.map(\.tensor))
    }
    blocks = ShardedBlocks(pieces, numBlocks: numBlocks, over: backend, sendingAs: dtype)
    overlap.of = numBlocks + 1
  }

  /// What a model has to be told for its forward pass in training; nil where all is whole.
  public var blockMemory: (any BlockMemory)? { blocks == nil ? nil : self }

  /// What `body` makes of `x` while the block's weights are whole.
  public func around(_ block: String, _ x: Tensor, _ body: (Tensor) -> Tensor) -> Tensor {
    guard let blocks, let number = blockNumbers[block] else { return body(x) }
    blocks.enter(number)
    let output = body(x)
    blocks.leave(number, output: output)
    return output
  }

  /// Makes all weights whole, for an evaluation or a checkpoint, until `shareValues` or the next step, which take over what
  /// was changed in them. All ranks have to ask.
  public func holdValues() throws(CollectiveError) {
    areCopiesOld = true
    guard stage == 3, let blocks else { return }
    do throws(NetworkError) { try blocks.hold() } catch {
      throw group.failure(error, in: "the all-gather of a block's weights")
    }
  }

  /// Gives back what `holdValues` took.
  public func shareValues() { blocks?.share() }

  /// Where the optimizer's step needs the numbers that it is handed: on the host, if it is offloaded.
  public func forStep(_ number: Tensor) -> Tensor { isOffloaded ? number.to(.cpu) : number }

  private var isOffloaded: Bool { groups.contains { $0.shard?.offloaded != nil } }

  func copyValuesToHost() {
    withoutGrad { for own in groups { own.shard?.offloaded?.values.copy_(own.ownValues) } }
  }

  /// Brings the gradients to where the optimizer steps, before its step.
  /// - Throws: what a sum before the step failed with.
  public func prepareStep() throws(CollectiveError) {
    if let error = stepFailure.error { throw error }
    withoutGrad { for own in groups { own.shard?.offloaded?.gradients.copy_(own.ownGradients) } }
  }

  /// Whether values have to be gathered after a step.
  public var gathersValues: Bool { isSharded || isOffloaded }

  /// Makes the values that this rank stepped those of all, where all keep them. To be called after every step.
  public func gatherValues() throws(CollectiveError) {
    if let error = stepFailure.error { throw error }
    withoutGrad { for own in groups { if let stepped = own.shard?.offloaded { own.ownValues.copy_(stepped.values) } } }
    guard isSharded else { return }
    for own in groups where own.shard?.values == nil {
      // c10d takes a slice of the output as its input.
      try group.allGather(own.ownValues, into: own.values, "stepped parameters")
    }
  }
}
