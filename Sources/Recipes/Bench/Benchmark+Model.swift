import NN
import Optim
import Telemetry
import Torch
import Training
import VisionModels

extension Benchmark {
  /// The median of the steps' times.
  func measureModel(_ progress: (Int) -> Void) throws -> Measured {
    let step = makeStep()
    func measure() throws -> Double {
      let start = monotonicSeconds()
      try recovering {
        try step()
        device.synchronize()
      }
      return monotonicSeconds() - start
    }
    for _ in 0..<numWarmupSteps { _ = try measure() }
    var times: [Double] = []
    let faults = ProcessMemory.pageFaults
    let end = monotonicSeconds() + options.seconds
    repeat {
      times.append(try measure())
      progress(batchSize)
    } while monotonicSeconds() < end
    let pageFaults = Double(ProcessMemory.pageFaults - faults) / Double(times.count)
    let median = max(Self.median(of: times), 1e-9)
    return Measured(
      numSteps: times.count, secondsPerStep: median, imagesPerSecond: Double(batchSize) / median,
      pageFaultsPerStep: pageFaults)
  }

  /// One step of the mode, on a fixed batch of noise; `train` is the step that a run makes.
  private func makeStep() -> () throws -> Void {
    let size = config.imageSize
    let model = VisionTransformer(config)
    model.move(to: device)
    let images = Tensor.randn([batchSize, config.inChannels, size, size], generator: Generator(seed: 0)).to(device)
    let autocast = options.precision.autocast
    guard options.mode == .train else {
      return { _ = withoutGrad { withAutocast(to: autocast, on: device) { model(images, .inference) } } }
    }
    var settings = TrainStep.Options()
    settings.batchSize = batchSize
    settings.autocast = autocast
    settings.checkpointsActivations = options.checkpointsActivations
    let names = (0..<options.numClasses).map(String.init)
    let step = TrainStep(
      ClassificationTask(model, classes: names), optimizer: SGD(ParameterGroups.of(model)), device: device,
      options: settings)
    let batch = DeviceBatch(
      images: images, labels: Tensor((0..<batchSize).map { Int64($0 % options.numClasses) }).to(device), epoch: 0,
      index: 0, paths: Array(repeating: "noise", count: batchSize))
    return { _ = try step(0, learningRate: 1e-4) { batch } }
  }

  /// The middle value, or the mean of the two in the middle.
  static func median(of values: [Double]) -> Double {
    precondition(!values.isEmpty, "the median of nothing")
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
