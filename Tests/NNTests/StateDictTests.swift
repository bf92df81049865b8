import NN
import TestSupport
import Testing
import Torch

/// A module of each kind of member.
private final class Everything: Module {
  var scale = Tensor.parameter([2], filledWith: 1)
  var absent: Tensor?
  var counter = Tensor.zeros([1], dtype: .int64)
  let layers = [Linear(2, 3), Linear(3, 2, bias: false)]
  let inlined = LayerNorm(2)
  let none: Linear? = nil

  func visit(_ visitor: inout ParameterVisitor) {
    visitor.parameter("scale", &scale)
    visitor.parameter("absent", &absent)
    visitor.buffer("counter", &counter)
    visitor.submodules("layers", layers)
    visitor.submodule("", inlined)
    visitor.submodule("none", none)
  }
}

/// Forgets a tensor and a module.
private final class Forgetful: Module {
  var kept = Tensor.parameter([1])
  var lost: Tensor? = Tensor.parameter([1])
  let lostLayers = [Linear(1, 1)]
  let inner = Everything()

  func visit(_ visitor: inout ParameterVisitor) {
    visitor.parameter("kept", &kept)
    visitor.submodule("inner", inner)
  }
}

private final class TwoOfAName: Module {
  var a = Tensor.parameter([1])
  func visit(_ visitor: inout ParameterVisitor) {
    visitor.parameter("a", &a)
    visitor.parameter("a", &a)
  }
}

@Suite struct StateDictTests {
  @Test func namesFollowTheVisit() {
    let module = Everything()
    #expect(
      module.stateDict.names == [
        "scale", "counter", "layers.0.weight", "layers.0.bias", "layers.1.weight", "weight", "bias",
      ])
    #expect(module.namedBuffers.map(\.name) == ["counter"])
    #expect(module.namedParameters.count == 6)
    #expect(module.numParameters == 2 + 6 + 3 + 6 + 2 + 2)
  }

  @Test func forgottenMembersAreFound() {
    #expect(forgottenMembers(of: Everything()) == [])
    #expect(forgottenMembers(of: Forgetful()) == ["Forgetful.lost", "Forgetful.lostLayers"])
  }

  @Test func twoMembersOfOneNameTrap() async {
    await #expect(processExitsWith: .failure) { _ = TwoOfAName().stateDict }
  }

  @Test func loadingCopiesIntoTheTensorsThatAreThere() throws {
    let (a, b) = (Everything(), Everything())
    a.scale = Tensor([3.0, 4.0])
    a.counter = Tensor([7])
    let held = b.scale
    try b.load(a.stateDict)
    #expect(b.scale === held)
    #expect(held.array(Float.self) == [3, 4] && held.dtype == .float32)
    #expect(b.counter.itemInt() == 7)
  }

  @Test func allMisfitsAreListedAndNothingIsCopied() {
    let module = Everything()
    var weights = module.stateDict.cloned()
    weights["scale"] = Tensor([5.0, 6.0])
    weights["bias"] = nil
    weights["layers.0.weight"] = Tensor.zeros([2, 3])
    weights["extra"] = Tensor.zeros([1])
    var expected = StateDictMismatch()
    expected.missing = ["bias"]
    expected.unexpected = ["extra"]
    expected.wrongShapes = [.init(name: "layers.0.weight", expected: [3, 2], found: [2, 3])]
    #expect(throws: expected) { try module.load(weights) }
    #expect(module.scale.array(Float.self) == [1, 1])
    #expect(
      expected.description
        == "the weights do not fit the model: 1 missing (bias); 1 unexpected (extra); 1 wrong shape "
        + "(layers.0.weight is [2, 3], the model has [3, 2]). "
        + "Use the model and the class count that the weights were made for")
    #expect(throws: StateDictMismatch.self) { try module.load(weights, allowingMissing: ["bias"]) }
  }

  @Test func convertingKeepsWhatIsTrained() {
    let module = Everything()
    module.layers[0].weight.requiresGrad = false
    module.convert(to: .float64)
    #expect(module.namedParameters.allSatisfy { $0.tensor.dtype == .float64 })
    #expect(module.counter.dtype == .int64 && !module.counter.requiresGrad)
    #expect(!module.layers[0].weight.requiresGrad && module.scale.requiresGrad)
    module.setRequiresGrad(false)
    #expect(module.parameters.allSatisfy { !$0.requiresGrad })
  }

  @Test func entriesKeepTheirOrder() {
    var dict = StateDict()
    for name in ["b", "a", "c"] { dict[name] = Tensor.zeros([1]) }
    dict["a"] = Tensor.ones([2])
    dict["b"] = nil
    dict["d"] = Tensor.zeros([3])
    #expect(dict.names == ["a", "c", "d"] && dict.count == 3)
    #expect(dict["a"]?.shape == [2] && dict["d"]?.shape == [3] && dict["b"] == nil)
    #expect(dict.adding(prefix: "x.").dropping(prefix: "x.").names == dict.names)
  }

  @Test func recordingNamesArePaths() {
    let recorder = IntermediateRecorder { $0 != "outer.left" }
    let context = ForwardContext(isTraining: false, recorder: recorder)
    context.record("top", Tensor.zeros([1]))
    context.scoped("outer").record("left", Tensor.zeros([1]))
    context.scoped("outer").scoped("inner").record("leaf", Tensor.zeros([1]))
    #expect(recorder.outputs.names == ["top", "outer.inner.leaf"])
    ForwardContext.inference.record("nobody listens", Tensor.zeros([1]))
  }
}
