import Benchmark
import NN
import Optim
import Torch
import VisionModels

// What a call through the door costs, and the products and the model that a training step is made of.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(metrics: [.wallClock, .throughput], maxDuration: .seconds(3))

  Benchmark("scalar add through the door", configuration: .init(scalingFactor: .kilo)) { benchmark in
    let a = Tensor.ones([])
    let b = Tensor.ones([])
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations { blackHole(a + b) }
  }

  Benchmark("linear 6304x192x768 float32, forward and backward") { benchmark in
    let layer = Linear(192, 768)
    let input = Tensor.randn([6304, 192])
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations { layer(input).sum().backward() }
  }

  Benchmark("vit_tiny_patch16_224 forward, batch 8") { benchmark in
    guard let preset = ViTPresets["vit_tiny_patch16_224"] else { return }
    let model = VisionTransformer(preset.config)
    let images = Tensor.randn([8, 3, 224, 224])
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations {
      withoutGrad { blackHole(model(images, ForwardContext(isTraining: false))) }
    }
  }
  // Over the 86.6 million parameters of vit_base, in one buffer that decays and one that does not.
  for (name, options) in [
    ("adamw", AdamW.Options() as any OptimizerOptions), ("lamb", Lamb.Options()), ("lars", Lars.Options()),
    ("lion", Lion.Options()), ("nadamw", NAdamW.Options()), ("adan", Adan.Options()),
    ("adafactor", Adafactor.Options()),
  ] {
    Benchmark("a step of \(name) over vit_base") { benchmark in
      guard let preset = ViTPresets["vit_base_patch16_224"] else { return }
      let optimizer = options.makeOptimizer(ParameterGroups.of(VisionTransformer(preset.config)))
      for group in optimizer.groups { withoutGrad { _ = group.gradients.fill_(1e-3) } }
      for _ in 0..<2 { optimizer.step(learningRate: 1e-6) }
      benchmark.startMeasurement()
      for _ in benchmark.scaledIterations { optimizer.step(learningRate: 1e-6) }
    }
  }
}
