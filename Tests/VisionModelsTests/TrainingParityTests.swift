import KeyedRandom
import NN
import Optim
import TestSupport
import Testing
import Torch
import VisionModels

/// Ten steps of training against PyTorch's: every loss and every parameter.
@Suite struct TrainingParityTests {
  /// The largest difference of the losses, and of the final parameters, from the fixture.
  private func differences(
    _ name: String, _ dtype: DType, smoothing: Double, learningRate: Double,
    optimizer make: (any Module) -> any Optimizer
  ) throws -> [String: Double] {
    let fixture = try Fixture.load("vit_training")
    let model = try Variant.classToken.model(try Variant.classToken.fixture(), dtype: dtype)
    let optimizer = make(model)
    var losses: [Tensor] = []
    for step in 0..<10 {
      let logits = model(fixture["inputs"]!.select(0, step).to(dtype), .training)
      let value = logits.crossEntropy(fixture["targets"]!.select(0, step), labelSmoothing: smoothing)
      optimizer.zeroGrad()
      value.backward()
      optimizer.step(learningRate: learningRate)
      losses.append(value.detach())
    }
    let reference = fixture.dropping(prefix: "\(name).\(dtype).")
    var found = ["losses": maxRelativeDifference(Tensor.stacked(losses), reference["losses"]!)]
    for parameter in model.namedParameters {
      found[parameter.name] = maxRelativeDifference(parameter.tensor.detach(), reference[parameter.name]!)
    }
    return found
  }

  private func sgd(_ model: any Module, momentum: Double = 0.9) -> any Optimizer {
    var options = SGD.Options()
    options.momentum = momentum
    options.nesterov = true
    options.weightDecay = 5e-3
    return SGD(ParameterGroups.of(model, exemptingFromDecay: false), options: options)
  }

  private func adamW(_ model: any Module, eps: Double, exempting: Bool = true) -> any Optimizer {
    var options = AdamW.Options()
    options.eps = eps
    options.weightDecay = 0.05
    return AdamW(ParameterGroups.of(model, exemptingFromDecay: exempting), options: options)
  }

  @Test(arguments: [(DType.float64, 1e-9), (.float32, 1e-5)])
  func tenStepsOfSGD(_ dtype: DType, _ tolerance: Double) throws {
    let found = try differences("sgd", dtype, smoothing: 0, learningRate: 0.02) { sgd($0) }
    #expect(found.count == 33)
    #expect(found.filter { !($0.value <= tolerance) }.isEmpty)
  }

  @Test(arguments: [(DType.float64, 1e-9, 1e-8), (.float32, 1e-4, 1e-4)])
  func tenStepsOfAdamW(_ dtype: DType, _ tolerance: Double, _ eps: Double) throws {
    let found = try differences("adamw", dtype, smoothing: 0.1, learningRate: 3e-3) { adamW($0, eps: eps) }
    #expect(found.filter { !($0.value <= tolerance) }.isEmpty)
  }

  @Test func plantedFaultsAreFound() throws {
    let momentum = try differences("sgd", .float32, smoothing: 0, learningRate: 0.02) { sgd($0, momentum: 0.899) }
    #expect(momentum.filter { $0.value > 1e-5 }.count > 20)
    let decay = try differences("adamw", .float32, smoothing: 0.1, learningRate: 3e-3) {
      adamW($0, eps: 1e-4, exempting: false)
    }
    #expect(decay["norm.weight"]! > 1e-4)
    let eps = try differences("adamw", .float32, smoothing: 0.1, learningRate: 3e-3) { adamW($0, eps: 2e-4) }
    #expect(eps.filter { $0.value > 1e-4 }.count > 20)
    let smoothing = try differences("adamw", .float64, smoothing: 0, learningRate: 3e-3) { adamW($0, eps: 1e-8) }
    #expect(smoothing["losses"]! > 1e-3)
  }

  /// In a process of its own: tensors are counted over the whole process, and other tests have theirs.
  @Test func hundredStepsLeaveNoTensorBehind() async {
    await #expect(processExitsWith: .success) {
      let fixture = try Fixture.load("vit_training")
      var config = Variant.layerScale.config
      config.stochasticDepth = 0.2
      config.attentionDropout = 0.1
      let model = VisionTransformer(config)
      let optimizer = AdamW(ParameterGroups.of(model, exemptingFromDecay: true), options: AdamW.Options())
      let average = WeightAverage(model, groups: optimizer.groups)
      let (images, targets) = (fixture["inputs"]!.select(0, 0), fixture["targets"]!.select(0, 0))
      var counts: Set<Int> = []
      for step in 0..<100 {
        let loss = model(images, .training(KeyedRandom(seed: 0, step))).crossEntropy(targets)
        optimizer.zeroGrad()
        loss.backward()
        GradientClipping.clip(optimizer.groups, maxNorm: 1)
        optimizer.step(learningRate: 1e-3)
        average.update()
        if step > 0 { counts.insert(LiveTensors.count) }
      }
      precondition(counts.count == 1, "live tensors after each step: \(counts.sorted())")
    }
  }
}
