public import Torch

/// How a forward pass is meant: for training or not, and whether its intermediates are kept.
///
/// The context is a value that travels down the modules; randomness of training comes from the default generator of
/// the tensors' device, whose state checkpoints hold.
public struct ForwardContext {
  /// Whether dropout and stochastic depth act.
  public var isTraining: Bool
  /// Where intermediates go, if anywhere.
  public var recorder: IntermediateRecorder?
  /// The 16-bit type that operators which gain from it compute in; nil computes all in the dtype of the tensors.
  public var autocast: DType?
  private var prefix = ""

  /// A context; without a recorder, recording costs nothing.
  public init(isTraining: Bool, recorder: IntermediateRecorder? = nil) {
    self.isTraining = isTraining
    self.recorder = recorder
  }

  /// Dropout and stochastic depth act.
  public static var training: ForwardContext { ForwardContext(isTraining: true) }

  /// Dropout and stochastic depth do nothing.
  public static var inference: ForwardContext { ForwardContext(isTraining: false) }

  /// Runs a model's forward pass, on tensors of `device`, in the precision that is asked for.
  public func autocasting<Result>(on device: Device, _ body: () -> Result) -> Result {
    withAutocast(to: autocast, on: device, body)
  }

  /// The context for a part: what it records appears under `name.`.
  public func scoped(_ name: @autoclosure () -> String) -> ForwardContext {
    guard recorder != nil else { return self }
    var inner = self
    inner.prefix += name() + "."
    return inner
  }

  /// Keeps `tensor` under `name` when a recorder is listening.
  public func record(_ name: @autoclosure () -> String, _ tensor: Tensor) {
    recorder?.record(prefix + name(), tensor)
  }
}
