// Settings of the shapes that a run has: sections in sections, tagged payloads, lists of them, optionals, ranges.

import Settings

struct SGDOptions: SampleOptimizer {
  var lr = 0.1
  var momentum = 0.9
  var nesterov = false

  func validate(_ issues: inout IssueCollector) {
    issues.check("lr", lr, above: 0)
    issues.check(
      !nesterov || momentum > 0, "nesterov", found: nesterov, "false without momentum", related: ["momentum"])
  }
}

struct AdamWOptions: SampleOptimizer {
  var lr = 1e-3
  var weightDecay = 0.05
  var betas = [0.9, 0.999]

  func validate(_ issues: inout IssueCollector) {
    issues.check("lr", lr, above: 0)
    issues.check("weightDecay", weightDecay, atLeast: 0)
  }
}

protocol SampleOptimizer: Validatable {
  var lr: Double { get }
}

enum OptimizerFamily: OptionsFamily {
  typealias Payload = any SampleOptimizer
  static let table: KeyValuePairs<String, any Validatable.Type> = ["sgd": SGDOptions.self, "adamw": AdamWOptions.self]
}

struct CropOptions: Validatable {
  var size = 224
  var scale = 0.08...1.0

  func validate(_ issues: inout IssueCollector) { issues.check("size", size, atLeast: 1) }
}

struct FlipOptions: Validatable {
  var probability: Float = 0.5

  func validate(_ issues: inout IssueCollector) { issues.check("probability", probability, in: 0...1) }
}

enum TransformFamily: OptionsFamily {
  static let table: KeyValuePairs<String, any Validatable.Type> = [
    "random_resized_crop": CropOptions.self, "horizontal_flip": FlipOptions.self,
  ]
}

struct DataOptions: Validatable {
  enum OnError: String, Codable, CaseIterable { case skip, stop, none }

  var root = "data"
  var batchSize = 64
  var numWorkers: Int?
  var onError = OnError.skip
  var onWarning: OnError?
  var maximumPixels: UInt32 = 179_000_000
  var transforms = [Tagged<TransformFamily>(CropOptions()), Tagged<TransformFamily>(FlipOptions())]

  func validate(_ issues: inout IssueCollector) { issues.check("batch_size", batchSize, atLeast: 1) }
}

struct AverageOptions: Validatable {
  var decay = 0.9999
}

struct RunOptions: Validatable, Equatable {
  var epochs = 10
  var warmupEpochs = 1
  var seed: UInt64 = 0
  var clip: Double? = 1.0
  var name: String?
  var useAMP = false
  var data = DataOptions()
  var optimizer = Tagged<OptimizerFamily>(AdamWOptions())
  var average: AverageOptions?
  var labels: [String: Int] = [:]
  var gaps: [Int?] = []

  static let synonyms = ["learning_rate": "optimizer.lr", "num_epochs": "epochs", "wd": "optimizer.weight_decay"]

  func validate(_ issues: inout IssueCollector) {
    issues.check("epochs", epochs, atLeast: 1)
    issues.check(
      warmupEpochs < epochs, "warmup_epochs", found: warmupEpochs, "less than epochs (\(epochs))", related: ["epochs"])
  }

  static func == (a: RunOptions, b: RunOptions) -> Bool { OptionsEncoder.encode(a) == OptionsEncoder.encode(b) }
}

/// Loads, and gives back the descriptions of all issues; empty if there are none.
func issues(_ yaml: String, _ overrides: String...) -> [String] {
  do {
    _ = try OptionsLoader.load(RunOptions.self, yaml: yaml, overrides: overrides)
    return []
  } catch {
    return error.issues.map(\.description)
  }
}

/// Loads settings that have no fault.
func load(_ yaml: String, _ overrides: String...) throws -> RunOptions {
  try OptionsLoader.load(RunOptions.self, yaml: yaml, overrides: overrides)
}
