import ArgumentParser
import Launch
import Parallelism
import Recipes
import Settings
import Telemetry

/// `vitrail bench`
struct BenchCommand: ParsableCommand {
  enum Mode: String, ExpressibleByArgument, CaseIterable { case train, infer, latency, loader, collectives }
  enum Precision: String, ExpressibleByArgument, CaseIterable { case float32, bfloat16, bf16 }

  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Benchmark training, inference, latency, data loading or the network.",
    discussion: """
      vitrail bench --mode train --model vit_tiny_patch16_224 --num-classes 5 --batch-size 32 --precision bf16
      vitrail bench --mode loader --data photos --workers 4 --format json
      vitrail launch --nproc-per-node 4 -- bench --mode collectives

      train: forward, cross-entropy, backward and an SGD step with momentum on a fixed synthetic batch. infer: forward \
      without gradients. latency: the same with one image. loader: decoding, random crop, flip and normalisation of a \
      folder of images. The median of all steps in --seconds is given; the loader's images are counted over the time. \
      collectives: exchanges between ranks, beside what the formulas of `vitrail plan` say.
      """)

  @Option(help: "What to measure.")
  var mode = Mode.train

  @Option(help: ArgumentHelp("The model; for the loader, the model whose input is prepared.", valueName: "name"))
  var model = "vit_tiny_patch16_224"

  @Option(help: "Number of classes.")
  var numClasses = 1000

  @Option(help: "Batch size; latency uses 1.")
  var batchSize = 32

  @Option(help: "Precision of the model; bf16 is short for bfloat16.")
  var precision = Precision.float32

  @Flag(help: "For train: compute blocks again in the backward pass.")
  var checkpointActivations = false

  @Option(
    help: ArgumentHelp("Data for the loader: class folders or TFRecord shards.", valueName: "dir"),
    completion: .directory)
  var data: String?

  @Option(help: "Loader threads.")
  var workers: Int?

  @Option(help: ArgumentHelp("Transforms of the loader after crop and flip, such as [RandAugment].", valueName: "list"))
  var transforms: String?

  @Option(help: "Duration of the measurement; at least one step.")
  var seconds = 10.0

  @Option(help: "Warm-up steps (of the loader: epochs); 3, or 1 epoch, if left out.")
  var warmup: Int?

  @Option(help: "Output format; json is one line.")
  var format = OutputFormat.text

  @OptionGroup var runtime: RuntimeOptions

  @OptionGroup var ranks: RankOptions

  func validate() throws {
    if mode != .collectives, ranks.isGiven {
      throw ValidationError(
        "--rank and what goes with it are for --mode collectives; the other modes measure one process")
    }
    if !(1...1_000_000).contains(numClasses) { throw ValidationError("--num-classes takes 1 to 1000000") }
    if !(1...1_000_000).contains(batchSize) { throw ValidationError("--batch-size takes 1 to 1000000") }
    if !(0...86_400).contains(seconds) { throw ValidationError("--seconds takes 0 to 86400") }
    if let workers, !(0...1024).contains(workers) { throw ValidationError("--workers takes 0 to 1024") }
    if let warmup, !(0...1_000_000).contains(warmup) { throw ValidationError("--warmup takes 0 or more") }
    if (mode == .loader) != (data != nil) { throw ValidationError("--mode loader and --data DIR belong together") }
    if checkpointActivations, mode != .train { throw ValidationError("--checkpoint-activations is for --mode train") }
    if transforms != nil, mode != .loader { throw ValidationError("--transforms is for --mode loader") }
  }

  func run() throws {
    guard let measured = Benchmark.Mode(rawValue: mode.rawValue) else { return try measureCollectives() }
    var options = Benchmark.Options()
    options.mode = measured
    options.model = model
    options.numClasses = numClasses
    options.batchSize = batchSize
    options.precision = precision == .float32 ? .float32 : .bfloat16
    options.checkpointsActivations = checkpointActivations
    options.seconds = seconds
    options.numWarmupSteps = warmup
    options.data = data
    options.workers = workers
    if let transforms {
      options.transforms = try OptionsLoader.load(
        DataOptions.Augmentation.self, yaml: "", source: "--transforms", overrides: ["transforms=\(transforms)"]
      ).transforms
    }
    let device = try runtime.configure()
    let benchmark = try Benchmark(options, device: device)
    runtime.useMatmulBackend(on: device)
    let bar = ProgressBar("bench \(mode.rawValue)", total: nil, unit: .items("images"), isQuiet: runtime.quiet)
    let report = try benchmark.run { bar.advance(by: $0) }
    bar.finish()
    try StandardOutput.line(format == .json ? report.value.compactJSON : report.text)
  }

  private func measureCollectives() throws {
    let place = try ranks.place()
    guard let place, place.worldSize > 1 else {
      throw UsageError("--mode collectives needs ranks: vitrail launch --nproc-per-node 4 -- bench --mode collectives")
    }
    let group = try ProcessGroup.meet(place, timeout: 600)
    try group.sharingFailure(code: Self.code(of:)) {
      _ = try runtime.configure(localRank: place.localRank, numLocalRanks: place.localWorldSize)
      let found = try CollectiveBenchmark.run(over: group, seconds: seconds)
      try group.onFirst("the result", code: Self.code(of:)) {
        if let found { try StandardOutput.line(format == .json ? found.value.compactJSON : found.text) }
      }
    }
  }
}
