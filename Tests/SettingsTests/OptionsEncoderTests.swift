import Foundation
import Settings
import Testing

@Suite struct OptionsEncoderTests {
  @Test func yamlInOrderOfDeclaration() {
    #expect(
      OptionsEncoder.encode(RunOptions()).yaml == """
        epochs: 10
        warmup_epochs: 1
        seed: 0
        clip: 1.0
        name: null
        use_amp: false
        data:
          root: data
          batch_size: 64
          num_workers: null
          on_error: skip
          on_warning: null
          maximum_pixels: 179000000
          transforms:
            - type: random_resized_crop
              size: 224
              scale: [0.08, 1.0]
            - type: horizontal_flip
              probability: 0.5
        optimizer:
          type: adamw
          lr: 0.001
          weight_decay: 0.05
          betas: [0.9, 0.999]
        average: null
        labels: {}
        gaps: []

        """)
  }

  @Test func jsonIsReadByAnotherParser() throws {
    var options = RunOptions()
    options.name = "a \"quoted\"\n\\ \u{1}\u{7F}\u{2028} é😀"
    options.gaps = [1, nil]
    let value = OptionsEncoder.encode(options)
    for text in [value.json, value.compactJSON] {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      #expect(object["name"] as? String == options.name)
      #expect(object["warmup_epochs"] as? Int == 1)
      #expect((object["data"] as? [String: Any])?["num_workers"] is NSNull)
      #expect((object["gaps"] as? [Any])?.count == 2)
    }
    #expect(!value.compactJSON.contains("\n"))
  }

  @Test func printedSettingsReadBackTheSame() throws {
    var options = RunOptions()
    options.epochs = 300
    options.clip = nil
    options.seed = .max
    options.optimizer = Tagged(SGDOptions(lr: 1.0 / 3, momentum: .leastNonzeroMagnitude, nesterov: true))
    options.data.transforms = [Tagged(FlipOptions(probability: 0.1)), Tagged(CropOptions(size: 1, scale: 0...1e300))]
    options.average = AverageOptions(decay: 1 - 1e-16)
    options.labels = ["a b": 1, "": 2, "#x": 3, "null": 4, "ü: y": -5]
    options.gaps = [nil, 7]
    #expect(try load(OptionsEncoder.encode(options).yaml) == options)
    // JSON is YAML too.
    #expect(try load(OptionsEncoder.encode(options).json) == options)
  }

  @Test func textsReadBackTheSame() throws {
    let texts = [
      "", " ", "a", "null", "None", "~", "true", "no", "1", "1e3", ".5", "-", "- a", "a: b", "a #b", "#", "'", "\"",
      "\\",
      "\n", "a\nb", "\t", "\r\n", "*a", "&a", "!a", "%a", "@a", "`a", "[", "]", "{", "}", ",", "?", "|", ">", "é", "😀",
      "\u{0}", "\u{1}", "\u{7F}", "\u{85}", "\u{2028}", "a\u{FEFF}b", "\u{FFFF}", "a/b.c-d_e", "/x y", "C:\\x", "=",
      "<<", "---",
      "...", "Infinity", "nan", "y",
    ]
    for text in texts {
      var options = RunOptions()
      options.name = text
      options.labels = [text: 1]
      let yaml = OptionsEncoder.encode(options).yaml
      let read = try load(yaml)
      #expect(read.name == text, "\(yaml)")
      #expect(read.labels == options.labels, "\(yaml)")
    }
  }

  @Test func snakeCaseNames() {
    let names = [
      "lr": "lr", "batchSize": "batch_size", "useAMP": "use_amp", "warmupEpochs": "warmup_epochs", "beta1": "beta1",
      "numGPUsPerNode": "num_gpus_per_node", "URLPath": "url_path", "top5Accuracy": "top5_accuracy",
      "on_error": "on_error",
      "imageURLs": "image_urls", "": "",
    ]
    for (name, expected) in names { #expect(snakeCase(name) == expected) }
  }

  @Test func nearestNames() {
    let names = ["lr", "weight_decay", "warmup_epochs", "momentum"]
    #expect(nearestName(to: "lR", in: names) == "lr")
    #expect(nearestName(to: "weightdecay", in: names) == "weight_decay")
    #expect(nearestName(to: "wramup_epochs", in: names) == "warmup_epochs")
    #expect(nearestName(to: "moemntum", in: names) == "momentum")
    #expect(nearestName(to: "batch", in: names) == nil)
    #expect(nearestName(to: "", in: names) == nil)
    #expect(nearestName(to: String(repeating: "x", count: 1_000_000), in: names) == nil)
  }
}
