// The contract of a group of settings: it stands beside the thing it sets up, its property initialisers are the
// defaults, its coding is synthesized, and it checks its own values.

/// A group of settings with defaults, which can check itself.
///
/// A type's settings stand beside the type, as a nested `Options`. Property initialisers are the defaults, `Codable` is
/// synthesized, and YAML keys are the property names in snake case:
///
/// ```swift
/// extension Warmup {
///   struct Options: Validatable {
///     enum Shape: String, Codable, CaseIterable { case linear, cosine }
///     var numEpochs = 10
///     var warmupEpochs = 1
///     var shape = Shape.cosine
///     var minimumRate: Double?
///
///     func validate(_ issues: inout IssueCollector) {
///       issues.check("num_epochs", numEpochs, atLeast: 1)
///       issues.check(
///         warmupEpochs < numEpochs, "warmup_epochs", found: warmupEpochs, "less than num_epochs (\(numEpochs))",
///         related: ["num_epochs"])
///     }
///   }
/// }
///
/// let options = try OptionsLoader.load(
///   Warmup.Options.self, yaml: "warmup_epochs: 5", overrides: ["num_epochs=100", "minimum_rate=1e-6"])
/// print(OptionsEncoder.encode(options).yaml)
/// ```
///
/// Sections nest: a property that is itself `Validatable` is a mapping in YAML, and is checked by its own `validate`.
/// Enumerations should be `CaseIterable`, so that a wrong value is answered with the allowed ones. `Tagged` holds one
/// of several `Validatable` types, chosen by a `type:` key.
public protocol Validatable: Codable, Sendable {
  /// The defaults.
  init()

  /// Reports values out of range and broken rules between fields.
  ///
  /// Called for every section, also where other sections have faults; the sections inside this one have been checked
  /// before. Faulty fields hold their defaults, and a complaint about one of them is dropped.
  func validate(_ issues: inout IssueCollector)

  /// What else people call a setting, with the dotted path that it has here; read of the root alone. An unknown key that
  /// is one of these names, in snake case, is answered with the path.
  static var synonyms: [String: String] { get }
}

extension Validatable {
  /// None.
  public static var synonyms: [String: String] { [:] }

  /// Accepts every value.
  public func validate(_ issues: inout IssueCollector) {}
}
