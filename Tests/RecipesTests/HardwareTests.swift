import Telemetry
import Testing

@testable import Dataset
@testable import Recipes

struct HardwareTests {
  @Test func processorsAreCounted() {
    #expect(AvailableProcessors.affinityCount(status: "Name:\tx\nCpus_allowed_list:\t0-3,8\n") == 5)
    #expect(AvailableProcessors.affinityCount(status: "Cpus_allowed_list:\t3-0\n") == nil)
    #expect(AvailableProcessors.affinityCount(status: nil) == nil)
    #expect(AvailableProcessors.quotaCount(cpuMax: "150000 100000\n") == 2)
    #expect(AvailableProcessors.quotaCount(cpuMax: "max 100000\n") == nil)
    #expect(AvailableProcessors.count >= 1)
    #expect(AvailableProcessors.share(variable: "3") == 3)
    for text in [nil, "", "0", "-1", "4,2", "99999"] {
      #expect(AvailableProcessors.share(variable: text) == AvailableProcessors.count)
    }
  }

  @Test func processorsHaveNames() {
    let intel = "processor\t: 0\nmodel name\t: A Processor @ 2 GHz\nprocessor\t: 1\nmodel name\t: Another\n"
    #expect(HardwareDescription.processorName(cpuInfo: intel) == "A Processor @ 2 GHz")
    let arm = "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd40\n"
    #expect(HardwareDescription.processorName(cpuInfo: arm).hasSuffix("implementer 0x41, part 0xd40"))
    #expect(HardwareDescription.processorName(cpuInfo: "") == HardwareDescription.architectureName)
  }

  @Test func memoryIsRead() {
    #expect(SystemMemory.availableBytes(memoryInfo: "MemTotal: 9 kB\nMemAvailable:    123 kB\n") == 123 * 1024)
    #expect(SystemMemory.availableBytes(memoryInfo: "MemTotal: 9 kB\n") == nil)
    #expect(ProcessMemory.peak > 1_000_000)
    #expect(ProcessMemory.peak < SystemMemory.total)
  }
}
