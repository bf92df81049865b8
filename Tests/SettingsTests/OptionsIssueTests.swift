import Settings
import Testing

@Suite struct OptionsIssueTests {
  @Test func allIssuesAtOnce() {
    let yaml = """
      epohcs: 3
      warmup_epochs: many
      clip: [1]
      data:
        batch_size: 0
        num_worker: 2
        on_error: hlat
        transforms:
          - type: random_resized_crop
            size: big
          - type: horizontal_flp
          - {type: horizontal_flip, probability: 2}
          - {typ: horizontal_flip}
      optimizer:
        type: sgd
        lr: -1
        nesterov: maybe
        moment: 0.5
      labels: 4
      """
    #expect(
      issues(yaml, "seed=x", "optmizer.lr=1", "broken") == [
        "line 1: epohcs: unknown key; did you mean 'epochs'?",
        "line 2: warmup_epochs: found 'many', expected an integer",
        "line 3: clip: found a list of 1, expected a finite number",
        "line 5: data.batch_size: found 0, expected at least 1",
        "line 6: data.num_worker: unknown key; did you mean 'num_workers'?",
        "line 7: data.on_error: found 'hlat', expected one of skip, stop, none",
        "line 10: data.transforms.0.size: found 'big', expected an integer",
        "line 11: data.transforms.1.type: found 'horizontal_flp', expected one of the types random_resized_crop, "
          + "horizontal_flip; did you mean 'horizontal_flip'?",
        "line 12: data.transforms.2.probability: found 2.0, expected from 0.0 to 1.0",
        "line 13: data.transforms.3: has no type, expected one of the types random_resized_crop, horizontal_flip",
        "line 16: optimizer.lr: found -1.0, expected more than 0.0",
        "line 17: optimizer.nesterov: found 'maybe', expected true or false",
        "line 18: optimizer.moment: unknown key; did you mean 'momentum'?",
        "line 19: labels: found '4', expected a mapping",
        "--set broken: expected path=value, as in training.epochs=10",
        "--set seed=x: seed: found 'x', expected an integer from 0 to 18446744073709551615",
        "--set optmizer.lr=1: optmizer: unknown key; did you mean 'optimizer'?",
      ])
  }

  @Test func typosAtEachLevel() {
    #expect(issues("warmupEpochs: 0") == ["line 1: warmupEpochs: unknown key; did you mean 'warmup_epochs'?"])
    #expect(issues("data:\n  batchsize: 1") == ["line 2: data.batchsize: unknown key; did you mean 'batch_size'?"])
    #expect(
      issues("optimizer:\n  weigth_decay: 1") == [
        "line 2: optimizer.weigth_decay: unknown key; did you mean 'weight_decay'?"
      ])
    #expect(issues("optimizer:\n  tpye: sgd") == ["line 2: optimizer.tpye: unknown key; did you mean 'type'?"])
    #expect(
      issues("data:\n  transforms:\n  - type: random_resized_crop\n    scales: [0.5, 1]") == [
        "line 4: data.transforms.0.scales: unknown key; did you mean 'scale'?"
      ])
    #expect(issues("average:\n  decya: .5") == ["line 2: average.decya: unknown key; did you mean 'decay'?"])
    #expect(
      issues("", "data.batch_sise=4") == [
        "--set data.batch_sise=4: data.batch_sise: unknown key; did you mean 'batch_size'?"
      ])
  }

  @Test func aKeyOfAnotherSectionIsNamedWithItsPath() {
    #expect(issues("lr: 1") == ["line 1: lr: unknown key; did you mean 'optimizer.lr'?"])
    #expect(
      issues("average: {zzzzzz: 1}") == ["line 1: average.zzzzzz: unknown key, expected 'decay'"])
  }

  @Test func rulesBetweenFields() {
    #expect(
      issues("epochs: 5\nwarmup_epochs: 5") == ["line 2: warmup_epochs: found 5, expected less than epochs (5)"])
    // A rule about a field that has a fault of its own says nothing.
    #expect(issues("epochs: x\nwarmup_epochs: 50") == ["line 1: epochs: found 'x', expected an integer"])
    #expect(
      issues("warmup_epochs: 3", "epochs=2") == ["line 1: warmup_epochs: found 3, expected less than epochs (2)"])
  }

  @Test func optionsBuiltInCodeAreCheckedToo() throws {
    try RunOptions().validated()
    var options = RunOptions()
    options.epochs = 0
    options.data.batchSize = -1
    options.clip = .nan
    let error = #expect(throws: OptionsError.self) { try options.validated(as: "run") }
    #expect(
      try #require(error).issues.map(\.description) == [
        "clip: found nan, expected a finite number", "data.batch_size: found -1, expected at least 1",
        "epochs: found 0, expected at least 1",
      ])
  }

  @Test func theErrorShowsOneLinePerIssue() throws {
    let error = try #require(throws: OptionsError.self) {
      try OptionsLoader.load(RunOptions.self, yaml: "a: 1\nepochs: x", source: "run.yaml")
    }
    #expect(
      "\(error)" == """
        run.yaml: 2 errors in the settings
          line 1: a: unknown key, expected one of epochs, warmup_epochs, seed, clip, name, use_amp, data, optimizer, \
        average, labels, gaps
          line 2: epochs: found 'x', expected an integer
        """)
  }
}
