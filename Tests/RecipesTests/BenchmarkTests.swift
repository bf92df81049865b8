import Testing
import Torch
import VisionModels

@testable import Recipes

struct BenchmarkTests {
  @Test func theMedian() {
    #expect(Benchmark.median(of: [3, 1, 2]) == 2)
    #expect(Benchmark.median(of: [4, 1, 2, 3]) == 2.5)
    #expect(Benchmark.median(of: [7]) == 7)
  }

  @Test(arguments: [(Benchmark.Mode.train, 3.0), (.infer, 1), (.latency, 1)])
  func operationsFollowFromTheShape(mode: Benchmark.Mode, factor: Double) throws {
    var options = Benchmark.Options()
    options.mode = mode
    options.model = "vit_mu_patch16_224"
    options.numClasses = 3
    options.batchSize = 2
    options.seconds = 0
    options.numWarmupSteps = 1
    var numImages = 0
    let report = try Benchmark(options, device: .cpu).run { numImages += $0 }
    #expect(numImages == (mode == .latency ? 1 : 2))
    #expect(report.numSteps == 1)
    let flops = factor * FLOPs(report.config).forward * Double(report.batchSize)
    #expect(report.config.numClasses == 3)
    #expect(abs((report.gflopsPerSecond ?? 0) * 1e9 * report.secondsPerStep / flops - 1) < 1e-9)
    // Activations and, in training, gradients and momentum besides the weights.
    let weights = 4 * report.config.numParameters
    #expect(report.peakTensorMemory > (mode == .train ? 3 : 1) * weights)
  }

  @Test func anUnknownModelIsRefused() {
    var options = Benchmark.Options()
    options.model = "vit_tiny_patch16_22"
    #expect(throws: PretrainedError.unknownName("vit_tiny_patch16_22")) { try Benchmark(options, device: .cpu) }
  }
}
