// Flat memory. The values of a group's parameters are views into one long buffer, and their gradients into another, in the
// order of the state dict:
//
//   values     | patch_embed.proj.weight ..... | blocks.0.attn.qkv.weight ......... | ... | 0 0 0 |
//   gradients  | the same places ............. |                                    | ... | 0 0 0 |
//
// So what touches all parameters (zeroing, the norm, an optimizer's step, an average of the weights) is a pass over few
// long tensors, and a slice of a buffer is what several processes can reduce, share out and gather. Autograd adds to a
// gradient that is there in place. What lies between parameters, and after the last, is 0 and stays 0.
public import NN
public import Torch

/// Parameters that an optimizer treats alike, of one dtype on one device, in one piece of memory.
public struct ParameterGroup {
  /// Buffers are a whole number of such rows, so that a norm is one of rows of equal length: in parallel, and exact, as a
  /// running sum of millions of squares in float32 is not.
  public static let rowLength = 512

  /// The parameters with their names in the model, which name their state in checkpoints.
  public let parameters: [NamedTensor]
  /// Multiplies the optimizer's weight decay: 0 for parameters that must not decay.
  public var weightDecayScale: Double
  /// Multiplies the learning rate.
  public var learningRateScale: Double
  /// All values, [n]; every parameter is a view of its part.
  public let values: Tensor
  /// All gradients, [n], where the values lie in `values`; 0 for a parameter that the loss does not reach.
  public let gradients: Tensor
  /// Where each parameter lies; every one starts at a multiple of 64 bytes.
  public let ranges: [Range<Int>]
  /// What the parameters belong to, of those by whose borders a model was cut.
  public let block: String
  /// What this process's optimizer changes, and keeps the state of; nil for all of it.
  public var shard: Shard?
  private let gradientViews: [Tensor]

  /// A slice of a group's memory, of several processes that share its steps.
  public struct Shard {
    /// Where it lies in the buffers: whole rows.
    public var range: Range<Int>
    /// The slice of the values, in memory of its own, where the group's are whole only at times.
    public var values: Tensor?
    /// The slice of the gradients' sums, likewise.
    public var gradients: Tensor?
    /// Copies of both that are stepped in their place, on another device.
    public var offloaded: (values: Tensor, gradients: Tensor)?
    /// Adds up a small float64 tensor over all processes, in place, for what depends on norms of whole parameters.
    public var sumOverShards: (Tensor) -> Void
    /// Puts the slices of all processes, the first argument being this one's, into a buffer like the group's.
    public var gather: (_ slice: Tensor, _ whole: Tensor) throws -> Void

    /// A slice of the group's own buffers.
    public init(
      range: Range<Int>, sumOverShards: @escaping (Tensor) -> Void,
      gather: @escaping (_ slice: Tensor, _ whole: Tensor) throws -> Void = { _, _ in
        preconditionFailure("nobody said how to gather the slices of a group")
      }
    ) {
      self.range = range
      self.sumOverShards = sumOverShards
      self.gather = gather
    }
  }

  /// A group with the optimizer's own weight decay and learning rate, unless scaled. The values move into the group's
  /// memory; the tensors themselves stay, and a gradient that one has is kept.
  /// - Parameters:
  ///   - block: what the parameters belong to.
  ///   - numShards: into how many equal slices the buffers can be cut.
  public init(
    _ parameters: [NamedTensor], weightDecayScale: Double = 1, learningRateScale: Double = 1, block: String = "",
    numShards: Int = 1
  ) {
    let dtype = parameters.first?.tensor.dtype ?? .float32
    let device = parameters.first?.tensor.device ?? .cpu
    precondition(
      parameters.allSatisfy { $0.tensor.dtype == dtype && $0.tensor.device == device },
      "the parameters of a group are of one dtype on one device")
    let alignment = 64 / dtype.byteCount
    var end = 0
    let ranges = parameters.map { parameter in
      let start = (end + alignment - 1) / alignment * alignment
      end = start + parameter.tensor.count
      return start..<end
    }
    let rows = Self.rowLength * numShards
    let count = (end + rows - 1) / rows * rows
    self.parameters = parameters
    self.weightDecayScale = weightDecayScale
    self.learningRateScale = learningRateScale
    self.ranges = ranges
    self.block = block
    values = .zeros([count], dtype: dtype, device: device)
    gradients = .zeros([count], dtype: dtype, device: device)
    gradientViews = Self.views(of: gradients, parameters, ranges)
    for (parameter, view) in zip(parameters, Self.views(of: values, parameters, ranges)) {
      withoutGrad {
        view.copy_(parameter.tensor)
        parameter.tensor.setData(view)
      }
    }
    gatherGradients()
  }

  /// A buffer like `values`, all zero: what an optimizer keeps of each scalar.
  public func makeBuffer() -> Tensor { values.zerosLike() }

  /// What of the buffers this process's optimizer changes.
  var stepped: Range<Int> { shard?.range ?? 0..<values.count }

  /// The values that this process is to keep between two steps: all, or its slice.
  public var ownValues: Tensor { shard?.values ?? own(values) }

  /// The gradients that this process keeps between two passes.
  public var ownGradients: Tensor { shard?.gradients ?? own(gradients) }

  /// The part of a buffer like `values` that this process's optimizer changes.
  func own(_ buffer: Tensor) -> Tensor {
    shard.map { buffer.narrow(0, start: $0.range.lowerBound, length: $0.range.count) } ?? buffer
  }

  /// A parameter's part of a slice of a buffer like `values`.
  struct Piece {
    let parameter: NamedTensor
    /// A view into the slice, of the parameter's shape where it is whole there, else flat.
    let tensor: Tensor
    /// What of the parameter, flattened, it is.
    let range: Range<Int>
    var isWhole: Bool { range == 0..<parameter.tensor.count }
    var layout: ShardLayout { ShardLayout(of: [parameter.tensor.count], dim: 0, ranges: [range]) }

    /// Takes over its part of a whole, flat or of the parameter's shape.
    func take(_ whole: Tensor) {
      _ = tensor.copy_(
        whole.reshape([-1]).narrow(0, start: range.lowerBound, length: range.count).reshape(tensor.shape))
    }
  }

  /// What of the parameters lies in `slice`, which is the part `range` of a buffer like `values`.
  func pieces(of slice: Tensor, at range: Range<Int>) -> [Piece] {
    zip(parameters, ranges).compactMap { parameter, whole in
      let here = whole.clamped(to: range)
      guard !here.isEmpty else { return nil }
      let flat = slice.narrow(0, start: here.lowerBound - range.lowerBound, length: here.count)
      return Piece(
        parameter: parameter, tensor: here == whole ? flat.view(parameter.tensor.shape) : flat,
        range: here.lowerBound - whole.lowerBound..<here.upperBound - whole.lowerBound)
    }
  }

  /// The parts of a buffer like `values` under the names of the parameters whose places they are: views.
  public func named(_ buffer: Tensor) -> [NamedTensor] {
    zip(parameters, Self.views(of: buffer, parameters, ranges)).map { NamedTensor($0.name, $1) }
  }

  /// Sets all gradients to 0.
  public func zeroGradients() {
    if let own = shard?.gradients {
      withoutGrad { _ = own.zero_() }
      return
    }
    withoutGrad { _ = gradients.zero_() }
    for (parameter, view) in zip(parameters, gradientViews) where !Self.holds(parameter.tensor, view) {
      parameter.tensor.grad = view
    }
  }

  /// Takes gradients that somebody set, or dropped, back into the buffer; a dropped one is 0.
  func gatherGradients() {
    // Those that are whole only within a pass are nobody's to set.
    guard shard?.gradients == nil else { return }
    precondition(
      zip(parameters, ranges).prefix(1).allSatisfy { parameter, range in
        parameter.tensor.hasMemory(of: values.narrow(0, start: range.lowerBound, length: range.count))
      }, "the parameters have moved since their groups were made: make groups, and optimizers, after that")
    for (parameter, view) in zip(parameters, gradientViews) where !Self.holds(parameter.tensor, view) {
      withoutGrad { _ = parameter.tensor.grad.map { view.copy_($0) } ?? view.zero_() }
      parameter.tensor.grad = view
    }
  }

  private static func holds(_ parameter: Tensor, _ view: Tensor) -> Bool {
    parameter.grad.map { $0.isSame(as: view) } ?? false
  }

  private static func views(of buffer: Tensor, _ parameters: [NamedTensor], _ ranges: [Range<Int>]) -> [Tensor] {
    zip(parameters, ranges).map { parameter, range in
      buffer.narrow(0, start: range.lowerBound, length: range.count).view(parameter.tensor.shape)
    }
  }
}

/// Sorts the parameters of a model into groups.
public enum ParameterGroups {
  /// Tokens and position embeddings, which do not decay although they have more than one dim.
  public static let noDecayNames: Set<String> = ["pos_embed", "cls_token", "dist_token", "reg_token"]

  /// Whether weight decay would harm the parameter: biases, norms and layer scales (one dim), tokens and positions.
  public static func isExemptFromDecay(_ parameter: NamedTensor) -> Bool {
    parameter.tensor.ndim <= 1 || parameter.name.hasSuffix(".bias")
      || noDecayNames.contains(parameter.name.split(separator: ".").last.map(String.init) ?? "")
  }

  /// Groups of all trained parameters of `module`, each parameter in exactly one; frozen ones are left out, and stay
  /// where they are in memory. Groups come in the order of their first parameter, and so are the same in every run.
  /// Make them when the model is on its device and has its head: afterwards the parameters live in the groups' memory.
  ///
  /// - Parameters:
  ///   - module: the model, already on its device.
  ///   - exemptingFromDecay: put what `isExemptFromDecay` into groups whose weight decay is scaled by 0.
  ///   - learningRateScale: the factor of each parameter's learning rate, by name.
  ///   - block: what a parameter belongs to, by name; groups do not cross its borders, so that the memory of each can be
  ///     handled by itself. All belong together if left out.
  ///   - numShards: into how many equal slices the buffers of each group can be cut.
  public static func of(
    _ module: any Module, exemptingFromDecay: Bool = true, learningRateScale: (String) -> Double = { _ in 1 },
    block: (String) -> String = { _ in "" }, numShards: Int = 1
  ) -> [ParameterGroup] {
    struct Key: Hashable {
      let decays: Bool
      let scale: Double
      let dtype: DType
      let device: Device
      let block: String
    }
    var positions: [Key: Int] = [:]
    var groups: [(key: Key, parameters: [NamedTensor])] = []
    for parameter in module.namedParameters where parameter.tensor.requiresGrad {
      let key = Key(
        decays: !(exemptingFromDecay && isExemptFromDecay(parameter)), scale: learningRateScale(parameter.name),
        dtype: parameter.tensor.dtype, device: parameter.tensor.device, block: block(parameter.name))
      if let position = positions[key] {
        groups[position].parameters.append(parameter)
      } else {
        positions[key] = groups.count
        groups.append((key, [parameter]))
      }
    }
    return groups.map {
      ParameterGroup(
        $0.parameters, weightDecayScale: $0.key.decays ? 1 : 0, learningRateScale: $0.key.scale, block: $0.key.block,
        numShards: numShards)
    }
  }
}
