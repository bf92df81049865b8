import Recipes
import Settings
import Testing

struct InitCommandTests {
  @Test func theRecipeTrains() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "photos")
    let written = try Tool.run(["init", "my.yaml", "--data", "photos"], in: scratch.path)
    #expect(written.code == 0)
    #expect(written.output.isEmpty)
    #expect(written.errors.contains("vitrail train --config my.yaml --dry-run"))
    let outcome = try Tool.run(["train", "--config", "my.yaml", "--dry-run"] + TinyData.settings, in: scratch.path)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("16 images to train on"))
  }

  @Test func withoutAFileItGoesToStandardOutput() throws {
    let outcome = try Tool.run(["init", "--data", "photos", "--model", "deit_tiny_patch16_224"])
    #expect(outcome.code == 0)
    #expect(outcome.errors.isEmpty)
    var expected = RunOptions()
    expected.data.path = "photos"
    expected.model.name = "deit_tiny_patch16_224"
    #expect(try OptionsLoader.load(RunOptions.self, yaml: outcome.output) == expected)
  }
}
