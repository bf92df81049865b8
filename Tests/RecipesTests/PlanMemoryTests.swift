import Optim
import TestSupport
import Testing
import Torch
import Training
import VisionModels

@testable import Recipes

/// The model of memory against the most that tensors take in real steps on the CPU. Each is a process of its own: the peak
/// is the process's.
@Suite struct PlanMemoryTests {
  private static let tolerance = 0.05

  enum Variant: String, CaseIterable, Sendable, Codable {
    case plain, narrow, dropout, narrowDropout, attentionDropout, meanPooling, wide, accumulated, checkpointed,
      narrowCheckpointed
  }

  private static func config(_ variant: Variant) -> ViTConfig {
    var config = ViTConfig(imageSize: 64, patchSize: 8, embedDim: 96, depth: 4, numHeads: 3, numClasses: 10)
    switch variant {
    case .plain, .narrow, .accumulated, .checkpointed, .narrowCheckpointed: break
    case .dropout, .narrowDropout: (config.positionDropout, config.projectionDropout) = (0.1, 0.1)
    case .attentionDropout: config.attentionDropout = 0.1
    case .meanPooling: (config.pooling, config.layerScale, config.stochasticDepth) = (.mean, 0.1, 0.2)
    // Few features and many tokens: attention is the worst place.
    case .wide: (config.patchSize, config.numHeads) = (4, 6)
    }
    return config
  }

  /// The peak of two steps, and what the plan says.
  private static func peaks(_ variant: Variant) throws -> (measured: Double, setup: PlanSetup) {
    let config = config(variant)
    let precision: RunOptions.Precision = variant.rawValue.hasPrefix("narrow") ? .bfloat16 : .float32
    let batchSize = 24
    var setup = try TrainingPlanTests.setup(
      "vit_tiny_patch16_224", ["optimizer=sgd", "device=cpu", "precision=\(precision.rawValue)"], numImages: 1000)
    setup.config = config
    setup.batchSize = batchSize
    setup.accumulation = variant == .accumulated ? 3 : 1
    setup.checkpointsActivations = [.checkpointed, .narrowCheckpointed].contains(variant)

    Runtime.numThreads = 1
    let model = VisionTransformer(config)
    var settings = TrainStep.Options()
    settings.batchSize = batchSize
    settings.accumulation = setup.accumulation
    settings.autocast = precision.autocast
    settings.checkpointsActivations = setup.checkpointsActivations
    let step = TrainStep(
      ClassificationTask(model, classes: (0..<10).map(String.init)), optimizer: SGD(ParameterGroups.of(model)),
      device: .cpu, options: settings)
    Device.cpu.resetPeakMemory()
    let batch = DeviceBatch(
      images: Tensor.randn([batchSize, 3, 64, 64], generator: Generator(seed: 0)),
      labels: Tensor((0..<batchSize).map { Int64($0 % 10) }), epoch: 0, index: 0,
      paths: Array(repeating: "noise", count: batchSize))
    for number in 0..<2 { _ = try step(number, learningRate: 1e-4) { batch } }
    return (Double(Device.cpu.memory.peak), setup)
  }

  /// The published count for 16 bits with all dropouts, 34 T d + 5 H T^2 bytes a block (Korthikanti et al. 2022,
  /// arXiv:2205.05198, eq. 2), with what differs here: norms read float32 (4 T d), their statistics (16 T), and the
  /// perceptron's hidden features have a dropout too (4 T d).
  @Test func aBlockIsThePublishedCount() {
    var config = ViTConfig()
    (config.projectionDropout, config.attentionDropout) = (0.1, 0.1)
    let (tokens, features) = (197.0, 768.0)
    let kept = ActivationMemory(config, precision: .bfloat16, kernels: .cpu).bytes
    let blocks = [.norms, .attention, .feedForward, .dropoutMasks].reduce(0) { $0 + (kept[$1] ?? 0) }
    let published = 34 * tokens * features + 5 * 12 * tokens * tokens
    #expect(blocks == 12 * (published + 8 * tokens * features + 16 * tokens))
    // Computed again, a block keeps its input: 4 T d.
    let again = ActivationMemory(config, precision: .bfloat16, kernels: .cpu, checkpointed: true).bytes
    #expect(again[.attention] == kept[.attention]! / 12)
    #expect(again[.norms] == kept[.norms]! / 12 + 11 * 4 * tokens * features)
  }

  @Test(arguments: Variant.allCases) func thePlanIsTheMeasuredPeak(variant: Variant) async {
    await #expect(processExitsWith: .success) { [variant] in
      let (measured, setup) = try PlanMemoryTests.peaks(variant)
      let planned = try TrainingPlan(setup).memory.tensors
      let ratio = planned / measured
      print("\(variant.rawValue): planned \(planned / 1e6), measured \(measured / 1e6), ratio \(ratio)")
      #expect(abs(ratio - 1) <= PlanMemoryTests.tolerance, "\(variant): planned \(planned), measured \(measured)")
    }
  }

  /// Plans of something else are outside of the tolerance: the check would show them.
  @Test func aWrongPlanWouldShow() async {
    await #expect(processExitsWith: .success) {
      let (measured, setup) = try PlanMemoryTests.peaks(.wide)
      func isFar(_ change: (inout PlanSetup) -> Void) throws -> Bool {
        var other = setup
        change(&other)
        return try abs(TrainingPlan(other).memory.tensors / measured - 1) > PlanMemoryTests.tolerance
      }
      #expect(try !isFar { _ in })
      #expect(try isFar { $0.precision = .bfloat16 })
      #expect(try isFar { $0.kernels = .gpu })
      #expect(try isFar { $0.checkpointsActivations = true })
      #expect(try isFar { $0.config.depth += 1 })
      #expect(try isFar { $0.batchSize = 30 })
    }
  }
}
