public import Settings

/// Options that make an optimizer.
public protocol OptimizerOptions: Validatable {
  /// An optimizer of the given groups with these options.
  func makeOptimizer(_ groups: [ParameterGroup]) -> any Optimizer
}

/// Every optimizer that a recipe can name, in one table. `Tagged<OptimizerRegistry>` is a setting that holds the
/// options of one of them.
public enum OptimizerRegistry: OptionsFamily {
  /// The options of any optimizer.
  public typealias Payload = any OptimizerOptions

  /// Names and options.
  public static var table: KeyValuePairs<String, any Validatable.Type> {
    [
      SGD.name: SGD.Options.self,
      Adam.name: Adam.Options.self,
      AdamW.name: AdamW.Options.self,
      Lamb.name: Lamb.Options.self,
      Lars.name: Lars.Options.self,
      Lion.name: Lion.Options.self,
      NAdamW.name: NAdamW.Options.self,
      Adan.name: Adan.Options.self,
      Adafactor.name: Adafactor.Options.self,
      Muon.name: Muon.Options.self,
    ]
  }
}
