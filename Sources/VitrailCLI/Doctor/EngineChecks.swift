import Foundation
import Recipes
import Settings
import Torch

/// What `vitrail doctor` looks at in libtorch.
enum EngineChecks {
  static func all() -> [DoctorCheck] { [library(), matmul(), devices()] }

  private static func library() -> DoctorCheck {
    let essentials = essentials(of: Runtime.torchConfiguration)
    let threads = AvailableProcessors.count
    Runtime.numThreads = threads
    var check = DoctorCheck(
      name: "libtorch",
      found: ["\(Runtime.torchVersion), \(threads) threads"]
        + (essentials.isEmpty ? [] : [essentials.joined(separator: ", ")]),
      values: [
        .init("version", .string(Runtime.torchVersion)), .init("threads", .int(Int64(threads))),
        .init("configuration", .list(essentials.map { .string($0) })),
      ])
    if !computes() {
      check.status = .failed
      check.advice =
        "a small product and its gradient came out wrong: set LIBTORCH to an intact libtorch 2.11 to 2.13, and rebuild"
    }
    return check
  }

  /// (1 2) · (3 4) is 11, and the gradient of the first factor is the second.
  private static func computes() -> Bool {
    let a = Tensor([1, 2] as [Float], shape: [1, 2])
    let b = Tensor([3, 4] as [Float], shape: [1, 2])
    a.requiresGrad = true
    let product = (a * b).sum()
    product.backward()
    return product.item() == 11 && a.grad?.array(Float.self) == [3, 4]
  }

  /// The lines about BLAS, oneDNN, OpenMP, instructions and CUDA, without what surrounds the versions.
  static func essentials(of configuration: String) -> [String] {
    let wanted = ["Math Kernel Library", "MKL-DNN", "OpenBLAS", "OpenMP", "CPU capability", "CUDA Runtime", "CuDNN"]
    return configuration.split(separator: "\n").compactMap { line in
      let text = line.trimmingCharacters(in: CharacterSet(charactersIn: " -\t"))
      guard text.count < 200, wanted.contains(where: text.contains) else { return nil }
      let end = text.range(of: #"[- ]Product Build| \(Git Hash| for Intel| \(a\.k\.a"#, options: .regularExpression)
      return String(text[..<(end?.lowerBound ?? text.endIndex)])
    }
  }

  private static func matmul() -> DoctorCheck {
    let available = MatmulBackend.allCases.filter(\.isAvailable)
    let speeds = available.map { ($0, $0.measureSpeed() / 1e9) }
    let chosen = MatmulBackend.preferred
    let texts = speeds.map { String(format: "%@ %.0f GFLOP/s", $0.0.rawValue, $0.1) }
    return DoctorCheck(
      name: "matmul", found: ["float32: \(texts.joined(separator: ", ")); \(chosen.rawValue) is taken"],
      values: [
        .init(
          "gflops_per_second",
          .mapping(speeds.map { .init($0.0.rawValue, .double(($0.1 * 10).rounded() / 10)) })),
        .init("taken", .string(chosen.rawValue)),
      ])
  }

  private static func devices() -> DoctorCheck {
    let gpus = (0..<Device.count(of: .cuda)).map { Device(.cuda, index: $0) }
    let found = gpus.map { gpu -> (name: String, free: Int?, total: Int?) in
      (gpu.description, gpu.capacity?.free, gpu.capacity?.total)
    }
    let lines = found.map { gpu in
      guard let total = gpu.total, let free = gpu.free else { return gpu.name }
      return "\(gpu.name): \(SystemChecks.gigabytes(total)), \(SystemChecks.gigabytes(free)) free"
    }
    var check = DoctorCheck(
      name: "devices", found: ["cpu"] + lines,
      values: [
        .init(
          "devices",
          .list(
            [.mapping([.init("name", .string("cpu"))])]
              + found.map { gpu in
                .mapping([
                  .init("name", .string(gpu.name)), .init("free_bytes", gpu.free.map { .int(Int64($0)) } ?? .null),
                  .init("total_bytes", gpu.total.map { .int(Int64($0)) } ?? .null),
                ])
              }))
      ])
    if gpus.isEmpty, FileManager.default.fileExists(atPath: "/dev/nvidia0") {
      check.status = .note
      check.advice =
        "there is an NVIDIA GPU, which this build cannot use: scripts/setup.sh --cuda, then make build; check the driver"
    }
    return check
  }
}
