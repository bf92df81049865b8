import Dataset
import Foundation
import Recipes
import Settings

/// What `vitrail doctor` looks at outside of the engine.
enum SystemChecks {
  static func all() -> [DoctorCheck] { [program(), processor(), memory(), disk(), locale()] }

  private static func program() -> DoctorCheck {
    let system = systemName(osRelease: try? String(contentsOfFile: "/etc/os-release", encoding: .utf8))
    return DoctorCheck(
      name: "vitrail",
      found: [
        "\(Version.current), \(HardwareDescription.architectureName), compiled by Swift \(swiftVersion)",
        "on \(system)\(cLibrary.map { ", \($0)" } ?? "")",
      ],
      values: [
        .init("version", .string(Version.current)), .init("swift_version", .string(swiftVersion)),
        .init("architecture", .string(HardwareDescription.architectureName)), .init("system", .string(system)),
        .init("c_library", cLibrary.map { .string($0) } ?? .null),
      ])
  }

  /// The least version of the compiler that this can tell.
  private static var swiftVersion: String {
    #if compiler(>=6.5)
      "6.5 or newer"
    #elseif compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  private static var cLibrary: String? {
    #if canImport(Glibc)
      var text = [CChar](repeating: 0, count: 64)
      guard confstr(Int32(_CS_GNU_LIBC_VERSION), &text, text.count) > 0 else { return nil }
      return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    #else
      return nil
    #endif
  }

  /// The `PRETTY_NAME` of `/etc/os-release`, else what Foundation knows.
  static func systemName(osRelease: String?) -> String {
    let line = osRelease?.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
    return line.map { $0.dropFirst("PRETTY_NAME=".count).trimmingCharacters(in: CharacterSet(charactersIn: "\"'")) }
      ?? ProcessInfo.processInfo.operatingSystemVersionString
  }

  private static func processor() -> DoctorCheck {
    let machine = ProcessInfo.processInfo.processorCount
    var limits: [String] = []
    if let affinity = AvailableProcessors.affinity, affinity < machine { limits.append("affinity allows \(affinity)") }
    if let quota = AvailableProcessors.quota, quota < machine { limits.append("the control group allows \(quota)") }
    let usable = AvailableProcessors.count
    return DoctorCheck(
      name: "processor",
      found: [
        HardwareDescription.processorName,
        "\(usable) of \(machine) logical processors can be used\(limits.isEmpty ? "" : ": ")"
          + limits.joined(separator: ", "),
      ],
      values: [
        .init("name", .string(HardwareDescription.processorName)), .init("processors", .int(Int64(machine))),
        .init("usable_processors", .int(Int64(usable))),
      ])
  }

  private static func memory() -> DoctorCheck {
    let limit = SystemMemory.limit.flatMap { $0 < SystemMemory.total ? $0 : nil }
    let available = min(SystemMemory.available ?? SystemMemory.total, limit ?? .max)
    var check = DoctorCheck(
      name: "memory",
      found: [
        "\(gigabytes(SystemMemory.total)), \(gigabytes(available)) available"
          + (limit.map { ", the control group allows \(gigabytes($0))" } ?? "")
      ],
      values: [
        .init("total_bytes", .int(Int64(SystemMemory.total))), .init("available_bytes", .int(Int64(available))),
        .init("limit_bytes", limit.map { .int(Int64($0)) } ?? .null),
      ])
    if available < 2_000_000_000 {
      check.status = .note
      check.advice = "less than 2 GB: small models and batches only; end other programs"
    }
    return check
  }

  private static func disk() -> DoctorCheck {
    let folder = FileManager.default.currentDirectoryPath
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder)
    let free = (attributes?[.systemFreeSize] as? NSNumber).map(\.intValue)
    let isWritable = access(folder, W_OK) == 0
    var check = DoctorCheck(
      name: "disk",
      found: ["\(free.map { gigabytes($0) } ?? "unknown space") free in \(folder)"],
      values: [
        .init("folder", .string(folder)), .init("free_bytes", free.map { .int(Int64($0)) } ?? .null),
        .init("writable", .bool(isWritable)),
      ])
    if !isWritable {
      check.status = .note
      check.advice = "this folder cannot be written to: give another one by --out"
    } else if let free, free < 1_000_000_000 {
      check.status = .note
      check.advice = "less than 1 GB: checkpoints of a large model take more; checkpoint.keep limits their number"
    }
    return check
  }

  private static func locale() -> DoctorCheck {
    let environment = ProcessInfo.processInfo.environment
    let name = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? "C"
    let isUTF8 = name.lowercased().replacingOccurrences(of: "-", with: "").hasSuffix("utf8")
    return DoctorCheck(
      name: "locale",
      found: [isUTF8 ? name : "\(name); output is UTF-8 all the same, and names of files are bytes"],
      values: [.init("name", .string(name))])
  }

  static func gigabytes(_ bytes: Int) -> String { String(format: "%.1f GB", Double(bytes) / 1e9) }
}
