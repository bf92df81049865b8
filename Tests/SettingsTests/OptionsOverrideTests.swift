import Settings
import Testing

@Suite struct OptionsOverrideTests {
  @Test func overridesWinAndLaterOnesWinOverEarlierOnes() throws {
    #expect(try load("epochs: 3", "epochs=4", "epochs=5").epochs == 5)
    #expect(try load("data: {batch_size: 3}", "data.root=/x").data.batchSize == 3)
    #expect(try load("", "optimizer={type: sgd, lr: 2}").optimizer.options.lr == 2)
    #expect(try load("", "name='a=b'").name == "a=b")
    #expect(try load("", "name=a=b").name == "a=b")
    #expect(try load("", "labels.a=1", "labels.b=2").labels == ["a": 1, "b": 2])
    #expect(try load("data:", "data.root=x").data.root == "x")
  }

  @Test func listElements() throws {
    let written = try load("data: {transforms: [horizontal_flip]}", "data.transforms.0.probability=.25")
    #expect((written.data.transforms[0].options as? FlipOptions)?.probability == 0.25)
    // An element of the default list.
    let byDefault = try load("", "data.transforms.0.size=96", "data.transforms.0.scale=[.5, 1]")
    #expect(byDefault.data.transforms.count == 2)
    #expect((byDefault.data.transforms[0].options as? CropOptions)?.size == 96)
    #expect((byDefault.data.transforms[0].options as? CropOptions)?.scale == 0.5...1)
    let betas = try load("", "optimizer.betas.1=.95").optimizer.options as? AdamWOptions
    #expect(betas?.betas == [0.9, 0.95])
  }

  @Test func issuesNameTheFlag() {
    #expect(
      issues("data: {transforms: [horizontal_flip]}", "data.transforms.1.probability=1") == [
        "--set data.transforms.1.probability=1: data.transforms.1: the list has 1 elements, counted from 0"
      ])
    #expect(
      issues("", "data.transforms.2.size=1") == [
        "--set data.transforms.2.size=1: data.transforms.2: the list has 2 elements, counted from 0"
      ])
    #expect(issues("", "data.transforms.x.size=1").first?.hasPrefix("--set data.transforms.x.size=1: ") == true)
    #expect(issues("", "epochs=ten") == ["--set epochs=ten: epochs: found 'ten', expected an integer"])
    #expect(issues("", "epochs=0") == ["--set epochs=0: epochs: found 0, expected at least 1"])
    #expect(issues("", "optimizer.type=sdg").first?.contains("did you mean 'sgd'?") == true)
    #expect(issues("epochs: 3", "epochs.deep=1").count == 1)
    for flag in ["", "=", "a", "=1", "a..b=1", ".a=1", "a.=1", "epochs=[", "name=*.jpg", "name=\"", "epochs=&a"] {
      let found = issues("", flag)
      #expect(found.count == 1 && found[0].hasPrefix("--set "), "\(flag): \(found)")
    }
  }

  @Test func deepAndLongFlagsAreRefused() {
    #expect(issues("", String(repeating: "a.", count: 100_000) + "b=1").count == 1)
    #expect(issues("", "name=" + String(repeating: "[", count: 100_000)).count == 1)
    #expect(issues("", "a\u{1B}[31m\n=1")[0].contains("\u{1B}") == false)
  }
}
