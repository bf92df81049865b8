import Foundation
import Settings
import Testing

@testable import VitrailCLI

struct DoctorCommandTests {
  @Test func everythingIsLookedAt() throws {
    let outcome = try Tool.run(["doctor", "--format", "json"])
    #expect(outcome.code == 0, "\(outcome.output)")
    #expect(outcome.errors.isEmpty)
    let report = try #require(outcome.json() as? [String: Any])
    #expect(report["can_train"] as? Bool == true)
    let checks = try #require(report["checks"] as? [[String: Any]])
    #expect(
      checks.map { $0["name"] as? String } == [
        "vitrail", "processor", "memory", "disk", "locale", "libtorch", "matmul", "devices", "jpeg", "png", "webp",
      ])
    #expect(checks.allSatisfy { ["ok", "note"].contains($0["status"] as? String) })
    let matmul = try #require(checks.first { $0["name"] as? String == "matmul" }?["values"] as? [String: Any])
    let speeds = try #require(matmul["gflops_per_second"] as? [String: Double])
    #expect(speeds["native"] ?? 0 > 0)
    #expect(speeds.keys.contains(try #require(matmul["taken"] as? String)))
    let text = try Tool.run(["doctor"])
    #expect(text.code == 0)
    #expect(text.output.hasSuffix("Training can work here.\n"))
  }

  @Test func aFailureShows() {
    let check = DoctorCheck(
      name: "libtorch", status: .failed, found: ["2.13.0", "second line"], advice: "do something")
    #expect(
      check.text(usesColor: false) == """
        FAILED  libtorch    2.13.0
                            second line
                            -> do something
        """)
    #expect(check.text(usesColor: true).hasPrefix("\u{1B}[31mFAILED  \u{1B}[0m"))
    #expect(check.value["status"] == .string("failed"))
    #expect(DoctorCommand.canTrain([DoctorCheck(name: "a", found: []), check]) == false)
    #expect(DoctorCommand.canTrain([DoctorCheck(name: "a", status: .note, found: [])]))
  }

  @Test func theEssentialsOfAConfiguration() {
    let text = """
      PyTorch built with:
        - GCC 13.3
        - C++ Version: 202002
        - Intel(R) oneAPI Math Kernel Library Version 2024.2-Product Build 20240605 for Intel(R) 64 architecture
        - Intel(R) MKL-DNN v3.12.0 (Git Hash 0b8a866c009b03f322e6526d7c33cfec84a4a97a)
        - OpenMP 201511 (a.k.a. OpenMP 4.5)
        - CPU capability usage: AVX512
        - Build settings: BLAS_INFO=mkl, \(String(repeating: "-x ", count: 90)) USE_OpenMP=ON
      """
    #expect(
      EngineChecks.essentials(of: text) == [
        "Intel(R) oneAPI Math Kernel Library Version 2024.2", "Intel(R) MKL-DNN v3.12.0", "OpenMP 201511",
        "CPU capability usage: AVX512",
      ])
  }

  @Test func theSystemHasAName() {
    #expect(SystemChecks.systemName(osRelease: "ID=x\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n") == "Debian GNU/Linux 12")
    #expect(!SystemChecks.systemName(osRelease: nil).isEmpty)
  }
}
