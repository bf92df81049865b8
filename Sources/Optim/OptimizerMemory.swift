import NN
import Torch

/// What every optimizer keeps beside its groups: a buffer of each kind for each group, zero at first; the rates of the
/// groups, on their device; the count of its steps.
final class OptimizerMemory {
  /// The part of a group's buffers that a step changes: all of them, unless processes share them out.
  struct Part {
    let group: ParameterGroup
    /// Where it lies in the group's buffers.
    let range: Range<Int>
    let values: Tensor
    let gradients: Tensor
    /// By kind; of the part alone.
    let buffers: [Tensor]
    /// The rate, for operators that read it where they run: on a CPU in full, on a GPU in float32.
    let rate: Tensor
    /// The same number.
    var learningRate = 0.0

    /// Where each parameter begins in the part, and the end of the last: int64 [parameters + 1], on the device. Those that
    /// lie outside are empty.
    func makeBounds() -> Tensor {
      let starts = group.ranges.map { min(max($0.lowerBound - range.lowerBound, 0), range.count) }
      return Tensor((starts + [range.count]).map(Int64.init)).to(values.device)
    }
  }

  let type: String
  let groups: [ParameterGroup]
  /// Steps that changed something, float32 [1] where the steps are made, for optimizers whose steps depend on it: one
  /// that `foundInf` skips is not counted, and nobody waits for the device.
  let count: Tensor
  /// Where steps are made: where the parameters are, unless they are offloaded.
  var device: Device { count.device }
  /// Whether steps go by libtorch's own operators where there is a kernel too: what the kernels are compared with.
  var usesPlainOperators = false
  private let kinds: [String]
  private var parts: [Part]
  private let one: Tensor
  private let countsSteps: Bool
  /// What an optimizer keeps besides its buffers.
  private let others: [NamedTensor]
  private(set) var numSteps = 0

  /// - Parameter countsSteps: whether the steps depend on how many there were.
  init(
    _ groups: [ParameterGroup], type: String, kinds: [String], countsSteps: Bool = false, others: [NamedTensor] = []
  ) {
    let names = groups.flatMap { $0.parameters.map(\.name) }
    precondition(Set(names).count == names.count, "a parameter is in more than one group")
    let stepped = groups.map { $0.shard?.offloaded ?? ($0.ownValues, $0.ownGradients) }
    let device = stepped.first?.values.device ?? .cpu
    precondition(stepped.allSatisfy { $0.values.device == device }, "the groups of an optimizer are on one device")
    self.type = type
    self.groups = groups
    self.kinds = kinds
    self.others = others
    parts = zip(groups, stepped).map { group, own in
      Part(
        group: group, range: group.stepped, values: own.values, gradients: own.gradients,
        buffers: kinds.map { _ in own.values.zerosLike() },
        rate: .zeros([], dtype: device == .cpu ? .float64 : .float32, device: device))
    }
    count = .zeros([1], device: device)
    one = count.onesLike()
    self.countsSteps = countsSteps
  }

  /// The operator that a step goes by.
  func callee(_ op: FlatOp) -> Op { usesPlainOperators ? op.plain : op.kernel }

  /// Makes a step: calls `update` once with all parts, their rates set and the step counted.
  func stepAll(learningRate: Double, foundInf: Tensor?, _ update: ([Part]) -> Void) {
    withoutGrad {
      for index in parts.indices {
        parts[index].group.gatherGradients()
        parts[index].learningRate = learningRate * parts[index].group.learningRateScale
        parts[index].rate.fill_(parts[index].learningRate)
      }
      if countsSteps { count.add_(one) }
      update(parts)
      if countsSteps, let foundInf { count.add_(foundInf, alpha: -1) }
    }
    numSteps += 1
  }

  /// Makes a step: calls `update` for each group's part.
  func step(learningRate: Double, foundInf: Tensor?, _ update: (Part) -> Void) {
    stepAll(learningRate: learningRate, foundInf: foundInf) { $0.forEach(update) }
  }

  /// The bounds of each group's part.
  func makeBounds() -> [Tensor] { parts.map { $0.makeBounds() } }

  /// The state; of a shard, that of the parameters, or parts of them, that lie in it.
  var state: OptimizerState {
    let pieces = pieces
    var tensors = StateDict(pieces.map { (name: $0.name, tensor: $0.piece.tensor) })
    for other in others { tensors[other.name] = other.tensor }
    if countsSteps { tensors["step"] = count }
    let layouts = pieces.compactMap { $0.piece.isWhole ? nil : ($0.name, $0.piece.layout) }
    return OptimizerState(
      scalars: .init(type: type, numSteps: numSteps), tensors: tensors,
      layouts: Dictionary(uniqueKeysWithValues: layouts))
  }

  func load(_ state: OptimizerState) throws -> [String] {
    guard state.scalars.type == type else {
      throw OptimizerStateMismatch(expected: type, found: state.scalars.type)
    }
    var mismatch = StateDictMismatch()
    var missing: [String] = []
    func check(_ name: String, _ shape: [Int]) -> Tensor? {
      guard let saved = state.tensors[name] else {
        missing.append(name)
        return nil
      }
      // What was joined from shards lost its shape.
      if saved.shape != shape, saved.shape != [shape.reduce(1, *)] {
        mismatch.wrongShapes.append(.init(name: name, expected: shape, found: saved.shape))
      }
      return saved
    }
    let own = pieces.map { (piece: $0.piece, saved: check($0.name, $0.piece.parameter.tensor.shape)) }
    let singles = (others + (countsSteps ? [NamedTensor("step", count)] : []))
      .map { (target: $0.tensor, saved: check($0.name, $0.tensor.shape)) }
    guard mismatch.isEmpty else { throw mismatch }
    withoutGrad {
      for (piece, saved) in own {
        if let saved { piece.take(saved) } else { piece.tensor.zero_() }
      }
      for (target, saved) in singles { if let saved { target.copy_(saved) } else { target.zero_() } }
    }
    numSteps = state.scalars.numSteps
    let known = Set(
      kinds.flatMap { kind in groups.flatMap { $0.parameters.map { "\(kind).\($0.name)" } } } + others.map(\.name)
        + (countsSteps ? ["step"] : []))
    return lines("starts anew: the checkpoint has none", missing)
      + lines("is dropped: it is of no use any more", state.tensors.names.filter { !known.contains($0) })
  }

  /// The state of the parameters, or of what of them is stepped here.
  private var pieces: [(name: String, piece: ParameterGroup.Piece)] {
    kinds.enumerated().flatMap { place, kind in
      parts.flatMap { part in
        part.group.pieces(of: part.buffers[place], at: part.range).map { ("\(kind).\($0.parameter.name)", $0) }
      }
    }
  }

  /// One line for each kind of state: "the optimizer's momentum of 3 parameters (head.weight, ...) starts anew".
  private func lines(_ what: String, _ names: [String]) -> [String] {
    var parameters: [(kind: String, names: [String])] = []
    for name in names {
      let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
      let (kind, parameter) = (parts[0], parts.count > 1 ? parts[1] : "")
      if parameters.last?.kind != kind { parameters.append((kind, [])) }
      parameters[parameters.count - 1].names.append(parameter)
    }
    return parameters.map { kind, names in
      let count = names.count == 1 ? names[0] : "\(names.count) parameters (\(names[0]), ...)"
      return "the optimizer's \(kind)\(names == [""] ? "" : " of \(count)") \(what)"
    }
  }
}
