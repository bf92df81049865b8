import Testing
import VisionModels

struct ModelsCommandTests {
  @Test func everyPresetIsListed() throws {
    let text = try Tool.run(["models"])
    #expect(text.code == 0)
    #expect(text.errors.isEmpty)
    #expect(text.outputLines.dropFirst().map { $0.split(separator: " ").first.map(String.init) } == ViTPresets.names)
    let tiny = try #require(text.outputLines.first { $0.hasPrefix("vit_tiny_patch16_224 ") })
    #expect(tiny.split(separator: " ") == ["vit_tiny_patch16_224", "5.72", "M", "2.51", "224x224"])
  }

  @Test func jsonHasTheNumbers() throws {
    let outcome = try Tool.run(["models", "BASE_PATCH16_224", "--num-classes", "5", "--format", "json"])
    #expect(outcome.code == 0)
    let list = try #require(outcome.json() as? [[String: Any]])
    #expect(
      list.map { $0["name"] as? String } == [
        "vit_base_patch16_224", "deit_base_patch16_224", "deit3_base_patch16_224",
      ])
    // The number of timm's vit_base_patch16_224 for five classes.
    #expect(list.first?["parameters"] as? Int == 85_802_501)
    #expect(list.first?["image_size"] as? Int == 224)
    #expect(list.first?["classes"] as? Int == 5)
    // 17.6 billion multiply-adds by the usual count.
    let gflops = try #require(list.first?["gflops"] as? Double)
    #expect(abs(gflops - 35.1) < 0.2)
  }
}
