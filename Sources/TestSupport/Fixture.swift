import Checkpoint
public import Foundation
public import Torch

/// The reference files of `Tests/Fixtures`, made by the scripts of `scripts/reference`.
public enum Fixture {
  /// The path of a fixture, whatever the working directory.
  public static func path(_ name: String, from file: StaticString = #filePath) -> String {
    URL(fileURLWithPath: "\(file)")
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Tests/Fixtures/\(name)").path
  }

  /// All tensors of `name.safetensors`.
  public static func load(_ name: String) throws -> StateDict {
    try SafeTensors.read(path("\(name).safetensors")).tensors
  }

  /// The contents of a fixture of any kind.
  public static func data(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path(name)))
  }
}
