// What one rank holds at the worst moment of a step. docs/planning.md has each line of it as a formula.

import VisionModels

/// Bytes of one rank under one ZeRO stage.
public struct RankMemory: Sendable, Equatable {
  /// What takes memory.
  public enum Component: String, Sendable, CaseIterable {
    /// float32 weights.
    case weights
    /// float32 gradients; where they are shared out, also those outside of blocks, and of two blocks.
    case gradients
    /// What the optimizer keeps.
    case optimizerState = "optimizer_state"
    /// The average of the weights.
    case average
    /// Weights of linear layers in 16 bits, kept until the backward pass is over.
    case casts
    /// Weights of the two blocks at hand, where weights are shared out.
    case gathered
    /// What a pass keeps of one batch.
    case activations
    /// The gradient of the largest linear layer of a block, before it is added to the others.
    case layerGradient = "layer_gradient"
    /// Images and labels of the batch at hand.
    case batch
    /// Batches made ahead, where the device's memory is the host's.
    case batchesAhead = "batches_ahead"
    /// Two pieces of gradients under way between ranks; where they are summed up in place, less.
    case buckets
    /// What the engine takes itself: an estimate, not a count.
    case reserve
  }

  /// The stage.
  public let stage: ZeROStage
  /// Bytes by component.
  public let bytes: [Component: Double]

  /// All of it.
  public var total: Double { bytes.values.reduce(0, +) }

  /// That of tensors, which `vitrail bench` calls `peak_memory_mb`: all but the engine's own and batches ahead.
  public var tensors: Double { total - self[.reserve] - self[.batchesAhead] }

  /// The bytes of one component.
  public subscript(component: Component) -> Double { bytes[component] ?? 0 }

  /// The memory of a rank of `setup` under a stage.
  init(_ setup: PlanSetup, _ activations: ActivationMemory, stage: ZeROStage) {
    let ranks = Double(setup.worldSize)
    let stage = setup.worldSize == 1 ? ZeROStage.none : stage
    func shared(_ bytes: Double, from first: ZeROStage) -> Double { stage >= first ? bytes / ranks : bytes }
    let numbers = PlanNumbers(setup)
    let image = Double(setup.config.inChannels) * Double(setup.config.imageSize) * Double(setup.config.imageSize)
    let batch = Double(setup.batchSize) * (4 * image + 8)
    let isNarrow = setup.precision != .float32
    let casts = stage == .weights ? 2 * numbers.castPerBlock : numbers.cast

    var bytes: [Component: Double] = [
      .weights: 4 * numbers.outside + shared(4 * (numbers.all - numbers.outside), from: .weights),
      .gradients: shared(4 * numbers.trained, from: .gradients)
        + (stage >= .gradients ? 4 * (numbers.trainedOutside + 2 * numbers.perBlock) : 0),
      .optimizerState: setup.offloadsOptimizer ? 0 : shared(4 * numbers.state, from: .optimizer),
      .average: setup.hasAverage
        ? 4 * (numbers.all - numbers.trained) + shared(4 * numbers.trained, from: .optimizer) : 0,
      .casts: isNarrow ? 2 * casts : 0,
      .gathered: stage == .weights ? 2 * 4 * numbers.perBlock : 0,
      .activations: Double(setup.batchSize) * activations.total,
      .layerGradient: numbers.layer * (isNarrow ? 6 : 4),
      .batch: batch,
      .batchesAhead: setup.kernels == .cpu ? Double(setup.prefetch) * batch : 0,
      .buckets: setup.worldSize > 1 ? 2 * min(numbers.pieceBytes, 4 * numbers.trained) : 0,
    ]
    bytes[.reserve] =
      switch setup.kernels {
      case .cpu: 0.25e9
      case .gpu: 1e9 + 0.05 * bytes.values.reduce(0, +)
      }
    self.stage = stage
    self.bytes = bytes
  }
}

/// Counts of numbers that a plan's formulas are made of.
struct PlanNumbers {
  /// Parameters, frozen ones too.
  let all: Double
  /// Trained ones.
  let trained: Double
  /// What the optimizer keeps.
  let state: Double
  /// Of one block.
  let perBlock: Double
  /// Outside of blocks.
  let outside: Double
  /// Trained ones outside of blocks.
  let trainedOutside: Double
  /// Of linear layers, which autocast casts.
  let cast: Double
  /// The same of one block.
  let castPerBlock: Double
  /// Of a block's largest linear layer.
  let layer: Double
  /// Bytes of the pieces in which gradients and weights travel.
  let pieceBytes: Double

  init(_ setup: PlanSetup) {
    let config = setup.config
    // Blocks are alike, and there may be very many.
    var shell = config
    shell.depth = 0
    let (shapes, ofBlock) = (shell.parameterShapes, config.blockParameterShapes)
    let depth = Double(config.depth)
    func sum(_ list: [ParameterShape]) -> Double { list.reduce(0) { $0 + Double($1.count) } }
    func isCast(_ parameter: ParameterShape) -> Bool {
      ["patch_embed.", "pre_logits.", "head.", "head_dist.", "attn.", "mlp."].contains { parameter.name.hasPrefix($0) }
    }
    let trainedShapes = shapes.filter { setup.trainsPositions || $0.name != "pos_embed" }
    outside = sum(shapes)
    trainedOutside = sum(trainedShapes)
    all = outside + depth * sum(ofBlock)
    trained = trainedOutside + depth * sum(ofBlock)
    state =
      trainedShapes.reduce(0) { $0 + setup.optimizerState.count(of: $1) }
      + depth * ofBlock.reduce(0) { $0 + setup.optimizerState.count(of: $1, isInBlock: true) }
    perBlock = Double(config.numParametersPerBlock)
    castPerBlock = sum(ofBlock.filter(isCast))
    cast = sum(shapes.filter(isCast)) + depth * castPerBlock
    pieceBytes = setup.bucketBytes ?? min(25e6, max(1e6, 4 * trained / 8))
    layer = Double(config.embedDim) * Double(max(config.mlpHiddenDim, 3 * config.embedDim))
  }
}
