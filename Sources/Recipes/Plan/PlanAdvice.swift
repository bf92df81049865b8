/// A change of settings that makes less memory do.
public struct PlanAdvice: Sendable, Equatable {
  /// What to change, as the user writes it.
  public let change: String
  /// Bytes of a rank then.
  public let total: Double
  /// Whether that fits.
  public let fits: Bool
  /// Operations of a step then, as a multiple of those before.
  public let flopsRatio: Double
  /// Bytes that a rank then sends in a step, less those before.
  public let moreBytesSent: Double
}

extension TrainingPlan {
  /// Every single change that needs less memory, where the plan does not fit: each leaves the images of a step as they are.
  /// Empty where it fits, or where the limit is not known.
  public var advice: [PlanAdvice] {
    guard fits(under: setup.zero) == false else { return [] }
    return singleChanges.compactMap { advice($0.text, $0.setup) }.filter { $0.total < memory.total }
  }

  /// Where no single change is enough: all of those that leave the numbers alone together; nil where even that does not fit.
  public var combinedAdvice: PlanAdvice? {
    guard fits(under: setup.zero) == false, !advice.contains(where: \.fits) else { return nil }
    var other = setup
    var words: [String] = []
    if setup.worldSize > 1, setup.zero < .weights {
      other.zero = .weights
      words.append("--zero 3")
    }
    if !setup.checkpointsActivations {
      other.checkpointsActivations = true
      words.append("--checkpoint-activations")
    }
    if let smaller = other.withLargestFittingBatch() {
      if smaller.batchSize != other.batchSize { words.append(Self.batchText(smaller)) }
      other = smaller
    }
    guard let result = advice(words.joined(separator: " with "), other), result.fits else { return nil }
    return result
  }

  private var singleChanges: [(text: String, setup: PlanSetup)] {
    var list: [(text: String, setup: PlanSetup)] = []
    func add(_ text: String, _ change: (inout PlanSetup) -> Void) {
      var other = setup
      change(&other)
      list.append((text, other))
    }
    if setup.worldSize > 1 {
      for stage in ZeROStage.allCases where stage > setup.zero { add("--zero \(stage.rawValue)") { $0.zero = stage } }
    }
    if !setup.checkpointsActivations { add("--checkpoint-activations") { $0.checkpointsActivations = true } }
    // Where no batch fits, that of one image shows how far the others are from enough.
    if setup.batchSize > 1 {
      let smaller = setup.withLargestFittingBatch() ?? setup.withBatch(1)
      list.append((Self.batchText(smaller), smaller))
    }
    if setup.precision == .float32 { add("--set precision=bfloat16") { $0.precision = .bfloat16 } }
    if setup.hasAverage { add("--set training.ema=null") { $0.hasAverage = false } }
    return list
  }

  private func advice(_ text: String, _ other: PlanSetup) -> PlanAdvice? {
    guard let limit = setup.memoryLimit, let plan = try? TrainingPlan(other) else { return nil }
    let total = plan.memory.total
    return PlanAdvice(
      change: text, total: total, fits: total <= limit, flopsRatio: plan.flopsPerStep / flopsPerStep,
      moreBytesSent: plan.bytesSent(under: other.zero) - bytesSent(under: setup.zero))
  }

  private static func batchText(_ setup: PlanSetup) -> String {
    "--set data.batch_size=\(setup.batchSize) --set training.accumulation=\(setup.accumulation)"
  }
}

extension PlanSetup {
  /// With batches of another size, as many more that a step has the same images; the size divides them.
  func withBatch(_ size: Int) -> PlanSetup {
    var other = self
    other.batchSize = size
    other.accumulation = batchSize * accumulation / size
    return other
  }

  /// With the largest smaller or equal batch that fits and divides the images of a rank's step; nil where none fits.
  func withLargestFittingBatch() -> PlanSetup? {
    guard let plan = try? TrainingPlan(self), let largest = plan.largestBatch(under: zero), largest > 0 else {
      return nil
    }
    let images = batchSize * accumulation
    let size = (1...min(largest, batchSize)).reversed().first {
      images.isMultiple(of: $0) && images / $0 <= 100_000
    }
    return size.map(withBatch)
  }
}
