import ArgumentParser
import Dataset
import Parallelism
import Recipes
import Settings
import Telemetry
import VisionModels

/// `vitrail plan`
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Tell what a training will take: memory, operations, exchanges, time.",
    discussion: """
      vitrail plan --config my.yaml --gpu-memory 16GB
      vitrail plan --config recipes/imagenet-vit-base-patch16-32k-lamb.yaml \\
        --samples 1281167 --world-size 32 --zero 1 --device-name a100 \\
        --network 200Gb/s --latency 5us --svg plan.svg

      Everything is computed from shapes; nothing is trained and no GPU is needed. The formulas, their sources and \
      measurements are in docs/planning.md. data.batch_size is that of one rank.
      """)

  @OptionGroup var recipe: RecipeOptions

  @Option(help: "Data-parallel ranks.")
  var worldSize = 1

  @Option(help: ArgumentHelp("What the ranks share out: 0 to 3.", valueName: "stage"))
  var zero: Int?

  @Flag(help: "Plan for blocks computed again, as training.activation_checkpointing.")
  var checkpointActivations = false

  @Option(help: ArgumentHelp("Memory of a rank, such as 80GB or 80GiB.", valueName: "size"))
  var gpuMemory: String?

  @Option(help: ArgumentHelp("Peak of a rank, such as 312e12 or 312TFLOP/s.", valueName: "rate"))
  var gpuFlops: String?

  @Option(help: ArgumentHelp("A GPU whose memory and peak are known, such as a100.", valueName: "name"))
  var deviceName: String?

  @Option(help: "The share of the peak that training reaches, above 0 and up to 1.")
  var utilization = 0.3

  @Option(help: ArgumentHelp("What a rank sends and receives: 200Gb/s or 25GB/s.", valueName: "rate"))
  var network: String?

  @Option(help: ArgumentHelp("The latency of a message, such as 5us.", valueName: "time"))
  var latency: String?

  @Option(help: "Training images; those of data.path if left out.")
  var samples: Int?

  @Option(help: "Classes; those of data.path, else the model's, if left out.")
  var numClasses: Int?

  @Option(help: "Output format.")
  var format = OutputFormat.text

  @Option(
    help: ArgumentHelp("Write a picture of memory and time to an SVG file.", valueName: "file"),
    completion: .file(extensions: ["svg"]))
  var svg: String?

  func run() throws {
    guard recipe.config != nil else {
      throw UsageError("plan needs --config FILE; `vitrail init` writes a first recipe")
    }
    if let svg, !svg.hasSuffix(".svg") {
      throw UsageError("--svg draws an SVG: give it a name that ends in .svg, not '\(svg)'")
    }
    let plan = try TrainingPlan(setup())
    if let svg { try PlanPicture(plan).write(to: svg) }
    let report = PlanReport(plan)
    try StandardOutput.write(format == .json ? report.value.json : report.text)
  }

  private func setup() throws -> PlanSetup {
    if let zero, ZeROStage(rawValue: zero) == nil { throw UsageError("--zero takes 0, 1, 2 or 3, not \(zero)") }
    guard utilization > 0, utilization <= 1 else {
      throw UsageError("--utilization takes more than 0 and at most 1, not \(utilization)")
    }
    if latency != nil, network == nil { throw UsageError("--latency belongs to --network RATE") }
    let device = try deviceName.map { try PlanDevice(named: $0) }
    let memory = try gpuMemory.map { try PlanQuantity.memory.parse($0, of: "--gpu-memory") }
    let flops = try gpuFlops.map { try PlanQuantity.speed.parse($0, of: "--gpu-flops") }
    let bandwidth = try network.map { try PlanQuantity.bandwidth.parse($0, of: "--network") }
    let seconds = try latency.map { try PlanQuantity.duration.parse($0, of: "--latency") }

    let options = try recipe.load([])
    let data = try data(options)
    var setup = try PlanSetup(
      options, numClasses: data.numClasses, numImages: data.numImages, worldSize: worldSize,
      zero: ZeROStage(rawValue: zero ?? options.parallel.zero) ?? .none)
    if checkpointActivations { setup.checkpointsActivations = true }
    setup.memoryLimit = memory ?? device?.memory
    setup.peakFlops = flops ?? device?.peakFlops(in: setup.precision)
    if let device, setup.peakFlops == nil {
      throw UsageError(
        "\(device.name) has no units for \(setup.precision.rawValue): set precision, or give --gpu-flops")
    }
    setup.utilization = utilization
    setup.bandwidth = bandwidth
    setup.latency = seconds ?? 0
    return setup
  }

  /// What was said, else what the folder holds, else what the model says.
  private func data(_ options: RunOptions) throws -> (numImages: Int, numClasses: Int) {
    let ofModel = options.model.preset?.config.numClasses ?? 1000
    if let samples {
      if let numClasses { return (samples, numClasses) }
      guard Self.isThere(options) else { return (samples, ofModel) }
      return (samples, try RunData(options.data, seed: options.seed).train.classes.count)
    }
    guard Self.isThere(options) else {
      throw UsageError(
        "there are no images at \(printable(options.data.path)): say how many there will be with --samples "
          + "(1281167 for ImageNet)")
    }
    let train = try RunData(options.data, seed: options.seed).train
    return (train.count, numClasses ?? train.classes.count)
  }

  private static func isThere(_ options: RunOptions) -> Bool {
    FileTree.leadsSomewhere(BytePath(options.data.path))
  }
}
