import Testing

@testable import Torch

@Suite struct PeakSpeedTests {
  @Test(arguments: [
    ("NVIDIA A100-SXM4-80GB", 19.5, 312.0), ("NVIDIA A100-PCIE-40GB", 19.5, 312), ("NVIDIA H100 80GB HBM3", 67, 989),
    ("NVIDIA H100 PCIe", 51, 756), ("NVIDIA H100 NVL", 60, 835), ("NVIDIA H200", 67, 989),
    ("NVIDIA H200 NVL", 60, 835), ("NVIDIA L4", 30.3, 121), ("NVIDIA L40", 90.5, 181), ("NVIDIA L40S", 91.6, 362),
    ("NVIDIA A10", 31.2, 125), ("NVIDIA GeForce RTX 3090", 35.6, 71), ("NVIDIA GeForce RTX 4090", 82.6, 165.2),
  ])
  func knownGPUs(name: String, float32: Double, bfloat16: Double) {
    #expect(PeakSpeed.published(gpu: name, for: .float32) == float32 * 1e12)
    #expect(PeakSpeed.published(gpu: name, for: .bfloat16) == bfloat16 * 1e12)
    #expect(PeakSpeed.published(gpu: name, for: .float16) == bfloat16 * 1e12)
    #expect(PeakSpeed.published(gpu: name, for: .int8) == nil)
  }

  @Test func olderOnesHaveNoBfloat16() {
    for (name, float16) in [("Tesla T4", 65.0), ("Tesla V100-SXM2-16GB", 125), ("Tesla V100-PCIE-32GB", 112)] {
      #expect(PeakSpeed.published(gpu: name, for: .bfloat16) == nil)
      #expect(PeakSpeed.published(gpu: name, for: .float16) == float16 * 1e12)
    }
  }

  /// Nothing is guessed: variants, parts of a GPU, and names that only look alike.
  @Test(arguments: [
    "NVIDIA H100 80GB HBM3 MIG 1g.10gb", "NVIDIA GeForce RTX 4090 Laptop GPU", "NVIDIA GeForce RTX 4090 D",
    "NVIDIA GeForce RTX 3090 Ti", "NVIDIA GeForce RTX 4080 SUPER", "NVIDIA A10G", "NVIDIA GH200 480GB", "NVIDIA H100",
    "GRID A100-10C", "AMD Instinct MI300X", "", "RTX",
  ])
  func othersAreUnknown(name: String) {
    #expect(PeakSpeed.published(gpu: name, for: .float32) == nil)
  }

  @Test func theTableIsConsistent() {
    for (index, row) in PeakSpeed.published.enumerated() {
      #expect(row.float32 > 0 && row.float32 < (row.bfloat16 ?? row.float16 ?? 0), "\(row.words)")
      #expect(!PeakSpeed.published[..<index].contains { $0.words == row.words }, "\(row.words) stands twice")
    }
  }

  @Test func theProcessorIsMeasuredOnce() async {
    await #expect(processExitsWith: .success) {
      let first = try #require(PeakSpeed.of(.cpu, for: .float32))
      #expect(first.isFinite && first > 1e8)
      #expect(PeakSpeed.of(.cpu, for: .float32) == first)
      #expect(try #require(PeakSpeed.of(.cpu, for: .bfloat16)) > 1e7)
      #expect(Device.cpu.name == nil)
    }
  }
}
