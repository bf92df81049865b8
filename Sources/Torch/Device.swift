import CTorch

/// Where a tensor lives and is computed. Everything that depends on the device goes through here.
public struct Device: Sendable, Hashable, CustomStringConvertible {
  /// The kinds of device.
  public enum Kind: String, Sendable, CaseIterable {
    case cpu, cuda

    var code: Int32 {
      switch self {
      case .cpu: Int32(VT_CPU)
      case .cuda: Int32(VT_CUDA)
      }
    }
  }

  /// CPU or CUDA.
  public let kind: Kind
  /// The index among the devices of its kind; 0 for the CPU.
  public let index: Int

  /// A device that may or may not be there; see `parse(_:)` for one from outside.
  public init(_ kind: Kind, index: Int = 0) {
    self.kind = kind
    self.index = kind == .cpu ? 0 : index
  }

  /// The host processor.
  public static let cpu = Device(.cpu)
  /// The first GPU.
  public static let cuda = Device(.cuda)

  /// How many devices of a kind can be used in this process.
  public static func count(of kind: Kind) -> Int { Int(vt_device_count(kind.code)) }

  /// Reads `cpu`, `cuda`, `cuda:1` or `auto` (the first GPU if there is one).
  /// - Throws: `TorchError.noSuchDevice` for another word, or a device that is not there.
  public static func parse(_ name: String) throws -> Device {
    if name == "auto" { return count(of: .cuda) > 0 ? .cuda : .cpu }
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    guard let kind = parts.first.flatMap({ Kind(rawValue: String($0)) }), parts.count <= 2,
      let index = parts.count == 2 ? Int(parts[1]) : 0, kind == .cuda || parts.count == 1
    else {
      throw TorchError.noSuchDevice("there is no device '\(name)'; devices are cpu, cuda, cuda:N and auto")
    }
    let available = count(of: kind)
    guard (0..<available).contains(index) else {
      let reason =
        available == 0
        ? "this build of libtorch, or this machine, has no CUDA device; use cpu"
        : "there are \(available) CUDA devices, numbered from 0"
      throw TorchError.noSuchDevice("device '\(name)' is not available: \(reason)")
    }
    return Device(kind, index: index)
  }

  var code: vt_device { vt_device(type: kind.code, index: Int32(index)) }

  init(code: vt_device) {
    self.init(code.type == Int32(VT_CUDA) ? .cuda : .cpu, index: Int(code.index))
  }

  /// Waits until everything that was queued on the device has been computed.
  public func synchronize() { check(vt_device_synchronize(code)) }

  /// The name that a GPU's driver gives it, such as `NVIDIA A100-SXM4-80GB`; nil for the CPU, and where it does not tell.
  public var name: String? {
    var bytes = [CChar](repeating: 0, count: 256)
    guard kind == .cuda, vt_device_name(code, &bytes, bytes.count) == VT_OK else { return nil }
    return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// `cpu`, `cuda:0`, ...
  public var description: String { kind == .cpu ? "cpu" : "cuda:\(index)" }
}
