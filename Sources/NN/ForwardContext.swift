public import KeyedRandom
public import Torch

/// How a forward pass is meant: for training or not, in which precision, with which randomness, and whether its
/// intermediates are kept. A value that travels down the modules.
///
/// What dropout and stochastic depth drop is a function of `random`, of the layer's name and of each sample's place. So a
/// pass that is computed again drops the same, and neither the number of batches that a step is made of, nor that of
/// processes, changes anything.
public struct ForwardContext {
  /// Whether dropout and stochastic depth act.
  public var isTraining: Bool
  /// Decides what is dropped; needed in training where a layer drops anything at all.
  public var random: KeyedRandom?
  /// The place of the batch's first sample among all samples of the step.
  public var firstSample = 0
  /// The step from the place of one sample to that of the next.
  public var sampleStride = 1
  /// The 16-bit type that operators which gain from it compute in; nil computes all in the dtype of the tensors.
  public var autocast: DType?
  /// Whether blocks keep only their input for the backward pass, which computes them again (`block`).
  public var checkpointsActivations = false
  /// Makes the weights of each block whole while it computes, where they are not so all the time.
  public var blockMemory: (any BlockMemory)?
  /// Where intermediates go, if anywhere.
  public var recorder: IntermediateRecorder?
  private var prefix = ""

  /// A context; without a recorder, recording costs nothing.
  public init(isTraining: Bool, random: KeyedRandom? = nil, recorder: IntermediateRecorder? = nil) {
    self.isTraining = isTraining
    self.random = random
    self.recorder = recorder
  }

  /// Dropout and stochastic depth act, as `random` decides: another one for each step, or they drop the same each time.
  public static func training(_ random: KeyedRandom) -> ForwardContext {
    ForwardContext(isTraining: true, random: random)
  }

  /// For models in which nothing is dropped; one that drops traps.
  public static var training: ForwardContext { ForwardContext(isTraining: true) }

  /// Dropout and stochastic depth do nothing.
  public static var inference: ForwardContext { ForwardContext(isTraining: false) }

  /// Runs a model's forward pass, on tensors of `device`, in the precision that is asked for.
  public func autocasting<Result>(on device: Device, _ body: () -> Result) -> Result {
    withAutocast(to: autocast, on: device, body)
  }

  /// What a block of a model makes of `x`, in a context of its own. Where `checkpointsActivations` says so, only `x` is kept
  /// for the backward pass, which computes `body` again and drops the same, because the key of what is dropped is in the
  /// context. While a recorder listens nothing is computed again: it keeps the intermediates in any case.
  /// - Parameter name: what the names of the block's parameters begin with.
  public func block(
    _ name: String, _ x: Tensor, _ body: @escaping (Tensor, ForwardContext) -> Tensor
  ) -> Tensor {
    let inner = scoped(name)
    func pass(_ x: Tensor) -> Tensor {
      checkpointsActivations && recorder == nil ? recomputed(x) { body($0, inner) } : body(x, inner)
    }
    return blockMemory?.around(name, x, pass) ?? pass(x)
  }

  /// The context for a part: what it records appears under `name.`, and what it drops is its own.
  public func scoped(_ name: @autoclosure () -> String) -> ForwardContext {
    guard recorder != nil || random != nil else { return self }
    let name = name()
    var inner = self
    inner.prefix += name + "."
    inner.random = random?.child(name)
    return inner
  }

  /// Keeps `tensor` under `name` when a recorder is listening.
  public func record(_ name: @autoclosure () -> String, _ tensor: Tensor) {
    recorder?.record(prefix + name(), tensor)
  }

  /// `x` with what this context decides dropped: each element of [N, ...] for itself, or, of [N, 1, ...], whole samples.
  func dropped(_ x: Tensor, _ probability: Double) -> Tensor {
    guard var random else {
      preconditionFailure(
        "what is dropped in training needs a key: take ForwardContext.training(KeyedRandom(seed: ...))")
    }
    let key = Int(truncatingIfNeeded: random.next())
    return x.dropout(probability, key: key, firstSample: firstSample, sampleStride: sampleStride)
  }
}

/// Whoever shares out the weights or gradients of a model's blocks.
public protocol BlockMemory: AnyObject {
  /// What `body` makes of `x` while the block's weights are whole; before the backward pass through the result they are so
  /// again, and there is memory for their gradients.
  func around(_ block: String, _ x: Tensor, _ body: (Tensor) -> Tensor) -> Tensor
}

/// Collects the named intermediates of a forward pass, for parity tests and attention maps. The tensors stay in the
/// graph and keep their memory for as long as the recorder lives.
public final class IntermediateRecorder {
  /// What was recorded, in order.
  public private(set) var outputs = StateDict()
  private let filter: (String) -> Bool

  /// A recorder of the intermediates whose names pass `filter`.
  public init(where filter: @escaping (String) -> Bool = { _ in true }) {
    self.filter = filter
  }

  func record(_ name: String, _ tensor: Tensor) {
    if filter(name) { outputs[name] = tensor }
  }
}
