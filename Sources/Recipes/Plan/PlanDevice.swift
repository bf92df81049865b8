import Settings
import Torch

/// A GPU by name: its memory, and through `PeakSpeed` its speed.
public struct PlanDevice: Sendable, Equatable {
  /// The name that `--device-name` takes.
  public let name: String
  /// Bytes, as its maker counts them (10^9), which is less than what its driver shows.
  public let memory: Double
  /// The words of `PeakSpeed`'s table of published speeds.
  let marketName: String

  /// The GPUs that a plan knows: those whose published speeds are known too.
  public static let table: [PlanDevice] = [
    .init("v100-16gb", 16e9, "V100 SXM2"), .init("v100-32gb", 32e9, "V100 SXM3"), .init("t4", 16e9, "T4"),
    .init("a10", 24e9, "A10"), .init("a30", 24e9, "A30"), .init("a40", 48e9, "A40"),
    .init("a100-40gb", 40e9, "A100"), .init("a100", 80e9, "A100"), .init("l4", 24e9, "L4"),
    .init("l40", 48e9, "L40"), .init("l40s", 48e9, "L40S"), .init("h100", 80e9, "H100 HBM3"),
    .init("h100-pcie", 80e9, "H100 PCIe"), .init("h100-nvl", 94e9, "H100 NVL"), .init("h200", 141e9, "H200"),
    .init("h200-nvl", 141e9, "H200 NVL"), .init("rtx3090", 24e9, "RTX 3090"), .init("rtx4080", 16e9, "RTX 4080"),
    .init("rtx4090", 24e9, "RTX 4090"),
  ]

  /// The GPU of a name, in any capitals.
  /// - Throws: `PlanError` for a name that is not in the table, with the nearest that is.
  public init(named name: String) throws(PlanError) {
    let wanted = name.lowercased()
    guard let found = Self.table.first(where: { $0.name == wanted }) else {
      let names = Self.table.map(\.name)
      let near = nearestName(to: wanted, in: names).map { "; did you mean '\($0)'?" } ?? ""
      throw PlanError(
        "--device-name takes one of \(names.joined(separator: ", "))\(near) (others: --gpu-memory and --gpu-flops)")
    }
    self = found
  }

  private init(_ name: String, _ memory: Double, _ marketName: String) {
    self.name = name
    self.memory = memory
    self.marketName = marketName
  }

  /// The published peak in FLOP/s for products in a precision, without sparsity; nil where the GPU has no such units.
  public func peakFlops(in precision: RunOptions.Precision) -> Double? {
    PeakSpeed.published(gpu: marketName, for: precision.autocast ?? .float32)
  }
}
