// What a measurement, or a user who asks for help, has to say about the machine.
import Foundation
public import Settings
public import Torch

/// The machine and the engine that something was computed with.
public struct HardwareDescription: Sendable, Equatable {
  /// The processor's name, as the system has it.
  public var processor: String
  /// The instruction set: `x86_64`, `arm64`.
  public var architecture: String
  /// The logical processors of the machine.
  public var numProcessors: Int
  /// Those that this process may use.
  public var numUsableProcessors: Int
  /// Threads of one operator.
  public var numThreads: Int
  /// libtorch's version.
  public var torchVersion: String
  /// The library of float32 products on the CPU.
  public var matmulBackend: MatmulBackend
  /// The device: `cpu`, `cuda:0`.
  public var device: String

  /// The machine as it is, with the settings in force, for work on `device`.
  public static func current(device: Device) -> HardwareDescription {
    HardwareDescription(
      processor: processorName, architecture: architectureName, numProcessors: ProcessInfo.processInfo.processorCount,
      numUsableProcessors: AvailableProcessors.count, numThreads: Runtime.numThreads,
      torchVersion: Runtime.torchVersion, matmulBackend: .current, device: device.description)
  }

  /// The instruction set that this was compiled for.
  public static var architectureName: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "arm64"
    #else
      "unknown"
    #endif
  }

  /// The processor's name, or what the system knows of it.
  public static var processorName: String {
    processorName(cpuInfo: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "")
  }

  /// The `model name` of `/proc/cpuinfo`; Arm's list has none, and gives the numbers of maker and part.
  static func processorName(cpuInfo: String) -> String {
    var values: [Substring: String] = [:]
    for line in cpuInfo.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, let end = parts[0].lastIndex(where: { !$0.isWhitespace }) else { continue }
      let key = parts[0][...end]
      if values[key] == nil { values[key] = parts[1].trimmingCharacters(in: .whitespaces) }
    }
    if let name = values["model name"], !name.isEmpty { return name }
    guard let implementer = values["CPU implementer"], let part = values["CPU part"] else { return architectureName }
    return "\(architectureName), implementer \(implementer), part \(part)"
  }

  /// The object that `docs/formats/bench.md` describes.
  public var value: OptionsValue {
    .mapping([
      .init("processor", .string(processor)), .init("architecture", .string(architecture)),
      .init("processors", .int(Int64(numProcessors))), .init("usable_processors", .int(Int64(numUsableProcessors))),
      .init("threads", .int(Int64(numThreads))), .init("torch_version", .string(torchVersion)),
      .init("matmul_backend", .string(matmulBackend.rawValue)), .init("device", .string(device)),
    ])
  }
}
