import NN
import Optim
import TestSupport
import Testing
import Torch

@Suite struct WeightAverageTests {
  private func place(_ layer: Linear, _ toy: Toy, _ step: Int) {
    withoutGrad {
      layer.weight.copy_(toy.fixture["start.a"]! + toy.fixture["gradients.a"]!.select(0, step) * Double(step))
      layer.bias!.copy_(toy.fixture["gradients.b"]!.select(0, step).narrow(0, start: 0, length: 3))
    }
  }

  private func run(
    _ layer: Linear, _ toy: Toy, _ average: WeightAverage, _ steps: Range<Int>, _ body: (Int) throws -> Void = { _ in }
  ) throws {
    for step in steps {
      place(layer, toy, step)
      average.update()
      try body(step)
    }
  }

  private func start(warmup: Bool, decay: Double = 0.9) throws -> (Linear, Toy, WeightAverage) {
    let toy = try Toy()
    let layer = Linear(4, 3)
    layer.convert(to: .float64)
    place(layer, toy, 0)
    var options = WeightAverage.Options()
    options.decay = decay
    options.warmup = warmup
    return (layer, toy, WeightAverage(layer, groups: ParameterGroups.of(layer), options: options))
  }

  @Test(arguments: [false, true]) func isTimms(_ warmup: Bool) throws {
    let (layer, toy, average) = try start(warmup: warmup)
    let name = warmup ? "average_warmup" : "average"
    func expected(_ tensor: String, _ step: Int) -> Tensor { toy.fixture["\(name).\(tensor)"]!.select(0, step - 1) }
    try run(layer, toy, average, 1..<10) { step in
      let whole = try average.whole()
      expectClose(whole["weight"], expected("weight", step), tolerance: 1e-12, "step \(step)")
      expectClose(whole["bias"], expected("bias", step), tolerance: 1e-12, "step \(step)")
    }
    #expect(average.numUpdates == 9)
    let (other, _, faulty) = try start(warmup: warmup, decay: warmup ? 0.5 : 0.91)
    try run(other, toy, faulty, 1..<10) { step in
      // What the decay is shows from the second update on; with a warm-up, where it is bounded by 0.5.
      let found = try faulty.whole()["weight"]!
      if step > 2 {
        #expect(maxRelativeDifference(found, expected("weight", step)) > 1e-3, "step \(step)")
      }
    }
  }

  @Test(arguments: [false, true]) func theFirstUpdateTakesTheWeightsOver(_ warmup: Bool) throws {
    let (layer, toy, average) = try start(warmup: warmup)
    #expect(average.nextDecay == 0)
    try run(layer, toy, average, 3..<4)
    #expect(try average.whole()["weight"]!.isEqual(to: layer.weight))
    #expect(average.nextDecay == (warmup ? 0.37003947505256341 : 0.9))
  }

  @Test func resumesWithTheSameBits() throws {
    let (layer, toy, whole) = try start(warmup: true)
    try run(layer, toy, whole, 1..<10)
    let (other, _, first) = try start(warmup: true)
    try run(other, toy, first, 1..<5)
    let (third, _, second) = try start(warmup: true)
    try second.load(first.whole().cloned(), numUpdates: first.numUpdates)
    try run(third, toy, second, 5..<10)
    #expect(try second.whole()["weight"]!.isEqual(to: whole.whole()["weight"]!))
    #expect(throws: StateDictMismatch.self) { try second.load(StateDict(), numUpdates: 0) }
  }

  @Test func theModelGetsItsOwnWeightsBack() throws {
    struct Failure: Error {}
    let (layer, toy, average) = try start(warmup: false)
    try run(layer, toy, average, 1..<4)
    let own = layer.stateDict.cloned()
    let weight = layer.weight
    try average.whileApplied {
      let whole = try average.whole()
      #expect(layer.weight.isEqual(to: whole["weight"]!))
      #expect(!layer.weight.isEqual(to: own["weight"]!))
    }
    #expect(layer.weight.isEqual(to: own["weight"]!) && layer.weight === weight)
    #expect(throws: Failure.self) { try average.whileApplied { throw Failure() } }
    #expect(layer.bias!.isEqual(to: own["bias"]!))
  }
}
