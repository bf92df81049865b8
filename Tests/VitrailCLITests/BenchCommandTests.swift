import Testing

struct BenchCommandTests {
  private static let small = [
    "bench", "--model", "vit_mu_patch16_224", "--num-classes", "3", "--seconds", "0", "--warmup", "0", "--format",
    "json", "--threads", "1", "--device", "cpu",
  ]

  @Test(arguments: [("train", "float32"), ("train", "bf16"), ("infer", "bfloat16"), ("latency", "float32")])
  func aModelIsMeasured(mode: String, precision: String) throws {
    let outcome = try Tool.run(Self.small + ["--mode", mode, "--precision", precision, "--batch-size", "2"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.outputLines.count == 1)
    let report = try #require(outcome.json() as? [String: Any])
    #expect(report["mode"] as? String == mode)
    #expect(report["precision"] as? String == (precision == "float32" ? "float32" : "bfloat16"))
    #expect(report["steps"] as? Int == 1)
    #expect(report["batch_size"] as? Int == (mode == "latency" ? 1 : 2))
    let speed = mode == "latency" ? "milliseconds" : "images_per_second"
    for key in [speed, "gflops_per_second", "peak_memory_mb", "peak_process_memory_mb"] {
      #expect(report[key] as? Double ?? 0 > 0, "\(key)")
    }
    let hardware = try #require(report["hardware"] as? [String: Any])
    #expect(hardware["threads"] as? Int == 1)
    #expect(hardware["device"] as? String == "cpu")
  }

  @Test func theLoaderIsMeasured() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data")
    let outcome = try Tool.run(
      Self.small + ["--mode", "loader", "--data", "data", "--workers", "1", "--batch-size", "4", "--quiet"],
      in: scratch.path)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors.isEmpty)
    let report = try #require(outcome.json() as? [String: Any])
    #expect(report["images_per_second"] as? Double ?? 0 > 0)
    #expect(report["steps"] as? Int == 1)
  }

  @Test func computingBlocksAgainTakesLessMemory() throws {
    // A model whose blocks take more than its images do.
    let model = Self.small.map { $0 == "vit_mu_patch16_224" ? "vit_tiny_patch16_224" : $0 } + ["--batch-size", "4"]
    func memory(_ more: [String]) throws -> Double {
      let report = try #require(try Tool.run(model + ["--mode", "train"] + more).json() as? [String: Any])
      #expect(report["activation_checkpointing"] as? Bool == !more.isEmpty)
      return try #require(report["peak_memory_mb"] as? Double)
    }
    #expect(try memory(["--checkpoint-activations"]) < 0.7 * memory([]))
    let refused = try Tool.run(Self.small + ["--mode", "infer", "--checkpoint-activations"])
    #expect(refused.code == 2 && refused.errors.contains("is for --mode train"))
  }

  @Test func textIsForPeople() throws {
    let outcome = try Tool.run(Self.small.filter { $0 != "--format" && $0 != "json" } + ["--mode", "infer"])
    #expect(outcome.code == 0)
    for part in ["images/s, by the median of 1 steps", "GFLOP/s", "peak memory", "1 threads"] {
      #expect(outcome.output.contains(part))
    }
    #expect(outcome.errors.contains("bench infer: 32 images"))
  }
}
