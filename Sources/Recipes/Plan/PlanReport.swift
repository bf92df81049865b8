import Foundation
import Optim
import Telemetry
import VisionModels

/// A plan in words and as JSON.
public struct PlanReport: Sendable {
  /// The plan.
  public let plan: TrainingPlan
  private var setup: PlanSetup { plan.setup }

  /// A report of a plan.
  public init(_ plan: TrainingPlan) { self.plan = plan }

  /// Aligned lines for people.
  public var text: String {
    var parts = [headText, memoryText, activationText]
    if let adviceText { parts.append(adviceText) }
    if setup.worldSize > 1 { parts.append(communicationText) }
    if let timeText { parts.append(timeText) }
    return parts.joined(separator: "\n")
  }

  private var headText: String {
    let config = setup.config
    var table = TextTable(["model", setup.modelName], alignment: [.left, .left])
    func add(_ name: String, _ value: String) { table.append([name, value]) }
    add(
      "",
      "\(Self.grouped(plan.numParameters)) parameters, \(config.numClasses) classes, \(config.numTokens) tokens of "
        + "\(config.embedDim) features, \(config.depth) blocks")
    add(
      "operations",
      String(format: "%.2f", plan.flops.forward / 1e9) + " GFLOP forward, "
        + String(format: "%.2f", plan.flopsPerImage / 1e9) + " GFLOP trained an image; "
        + Self.scaled(plan.flopsPerStep, "FLOP") + " a step")
    add(
      "step",
      "\(Self.grouped(plan.globalBatch)) images: \(setup.worldSize) rank\(setup.worldSize == 1 ? "" : "s") with "
        + "\(setup.accumulation) batch\(setup.accumulation == 1 ? "" : "es") of \(setup.batchSize)")
    add(
      "run",
      "\(Self.grouped(plan.length.stepsPerEpoch)) steps an epoch of \(Self.grouped(setup.numSamples)) images, "
        + "\(Self.grouped(plan.length.numSteps)) steps in \(Self.grouped(plan.length.numEpochs)) epochs")
    add(
      "settings",
      "\(setup.precision.rawValue), \(setup.optimizerState.optimizer)\(setup.hasAverage ? ", average" : ""), "
        + "ZeRO \(setup.zero.rawValue), activations \(setup.checkpointsActivations ? "computed again" : "kept"), "
        + "operators of a \(setup.kernels.rawValue.uppercased())")
    return table.text
  }

  private var memoryText: String {
    let stages = shownStages
    let memories = stages.map { plan.memory(under: $0) }
    let isLarge = memories.contains { $0.total >= 1e9 } || (setup.memoryLimit ?? 0) >= 1e9
    func number(_ bytes: Double) -> String { isLarge ? String(format: "%.3f", bytes / 1e9) : Self.megabytes(bytes) }
    var table = TextTable(
      ["memory of a rank, \(isLarge ? "GB" : "MB")"]
        + stages.map { "ZeRO \($0.rawValue)\(isChosen($0) && stages.count > 1 ? " *" : "")" },
      alignment: [.left] + stages.map { _ in .right })
    for component in RankMemory.Component.allCases where memories.contains(where: { $0[component] > 0 }) {
      table.append([Self.words(component.rawValue)] + memories.map { number($0[component]) })
    }
    table.append(["all"] + memories.map { number($0.total) })
    if let limit = setup.memoryLimit {
      table.append(["fits \(number(limit))"] + stages.map { plan.fits(under: $0) == true ? "yes" : "NO" })
      table.append(["largest batch"] + stages.map { "\(plan.largestBatch(under: $0) ?? 0)" })
    }
    let host =
      setup.kernels == .gpu ? "; batches ahead take \(Self.scaled(plan.hostBytes, "B")) of the host's memory" : ""
    return table.text + "the reserve of the engine is an estimate\(host)\n"
  }

  private var activationText: String {
    let batch = Double(setup.batchSize)
    var table = TextTable(
      ["activations, MB", "an image", "a batch of \(setup.batchSize)"], alignment: [.left, .right, .right])
    for kind in ActivationMemory.Kind.allCases where plan.activations.bytes[kind] ?? 0 != 0 {
      let bytes = plan.activations.bytes[kind] ?? 0
      table.append([Self.words(kind.rawValue), Self.megabytes(bytes), Self.megabytes(bytes * batch)])
    }
    let total = plan.activations.total
    table.append(["all", Self.megabytes(total), Self.megabytes(total * batch)])
    return table.text
  }

  private var adviceText: String? {
    guard let limit = setup.memoryLimit, plan.fits(under: setup.zero) == false else { return nil }
    var table = TextTable(
      ["does not fit; one change alone", "GB", "fits", "operations"], alignment: [.left, .right, .left, .right])
    for advice in plan.advice {
      table.append([
        advice.change, String(format: "%.3f", advice.total / 1e9), advice.fits ? "yes" : "no",
        String(format: "x %.2f", advice.flopsRatio),
      ])
    }
    let head = table.text
    if plan.advice.contains(where: \.fits) { return head }
    guard let all = plan.combinedAdvice else {
      return head + "nothing of this fits into \(Self.scaled(limit, "B")), together neither: take a smaller model\n"
    }
    return head + "no single change is enough; together: \(all.change) (\(Self.scaled(all.total, "B")))\n"
  }

  private var communicationText: String {
    var table = TextTable(
      ["exchanges of a step", "what", "calls", "MB each", "MB sent by a rank", "ring, ms", "tree, ms"],
      alignment: [.left, .left, .right, .right, .right, .right, .right])
    for collective in plan.collectives(under: setup.zero) {
      func milliseconds(_ algorithm: Collective.Algorithm) -> String {
        guard let bandwidth = setup.bandwidth, algorithm == .ring || collective.kind == .allReduce else { return "-" }
        let seconds = collective.seconds(
          algorithm, ranks: setup.worldSize, bandwidth: bandwidth, latency: setup.latency)
        return String(format: "%.3f", 1000 * seconds * Double(collective.callsPerStep))
      }
      let sent = collective.bytesSent(.ring, ranks: setup.worldSize) * Double(collective.callsPerStep)
      table.append([
        Self.words(collective.kind.rawValue), collective.what, "\(collective.callsPerStep)",
        Self.megabytes(collective.bytes), Self.megabytes(sent), milliseconds(.ring), milliseconds(.tree),
      ])
    }
    return table.text
  }

  private var timeText: String? {
    guard let time = plan.time(under: setup.zero), let peak = setup.peakFlops else { return nil }
    let images = Double(plan.globalBatch)
    var table = TextTable(["time of a step", "s", "images/s", "run, h"], alignment: [.left, .right, .right, .right])
    func add(_ name: String, _ seconds: Double) {
      table.append([
        name, String(format: "%.4f", seconds), String(format: "%.0f", images / seconds),
        String(format: "%.2f", plan.runSeconds(time, step: seconds) / 3600),
      ])
    }
    add("products, at \(Self.percent(setup.utilization)) of \(Self.scaled(peak, "FLOP/s"))", time.compute)
    if time.communication ?? 0 > 0 {
      add("and exchanges, one after the other", time.withoutOverlap)
      add("and exchanges beside them, at best", time.withOverlap)
    }
    let rate = images / Double(setup.worldSize) / time.withOverlap
    let note =
      "each rank's loader has to bring \(String(format: "%.0f", rate)) images a second; evaluation and saving come on top\n"
    return table.text + note
  }

  /// All stages where there are ranks to share with.
  private var shownStages: [ZeROStage] { setup.worldSize > 1 ? ZeROStage.allCases : [.none] }

  private func isChosen(_ stage: ZeROStage) -> Bool { stage == setup.zero }

  private static func words(_ name: String) -> String { name.replacingOccurrences(of: "_", with: " ") }

  private static func megabytes(_ bytes: Double) -> String { String(format: "%.3f", bytes / 1e6) }

  private static func percent(_ share: Double) -> String { String(format: "%.3g %%", 100 * share) }

  /// `1281167` -> `1,281,167`
  static func grouped(_ value: Int) -> String {
    let digits = String(value.magnitude)
    let text = digits.enumerated().map { index, digit in
      index > 0 && (digits.count - index).isMultiple(of: 3) ? ",\(digit)" : "\(digit)"
    }
    return (value < 0 ? "-" : "") + text.joined()
  }

  /// `3.2e10`, `B` -> `32 GB`
  static func scaled(_ value: Double, _ unit: String) -> String {
    let prefixes = ["", "k", "M", "G", "T", "P", "E", "Z"]
    var (value, place) = (value, 0)
    while value >= 1000, place < prefixes.count - 1 { (value, place) = (value / 1000, place + 1) }
    return String(format: "%.4g ", value) + prefixes[place] + unit
  }
}
