import Foundation
import Telemetry

/// Paths that a user names, looked at before any work.
enum ExistingPath {
  /// Refuses a path where there is nothing.
  static func check(_ path: String?, of flag: String) throws {
    guard let path, !FileManager.default.fileExists(atPath: path) else { return }
    throw UsageError("there is no file or folder '\(printable(path))', which \(flag) names")
  }

  /// Refuses a path of weights where there is nothing, or where the name says that it is something else.
  static func check(weights path: String?, of flag: String) throws {
    try check(path, of: flag)
    guard let path else { return }
    switch URL(fileURLWithPath: path).pathExtension.lowercased() {
    case "yaml", "yml":
      throw UsageError(
        "\(flag) takes weights, and '\(printable(path))' is a recipe, which --config of `vitrail train` takes")
    case "pt", "pth", "bin", "ckpt", "pkl", "tar":
      throw UsageError(
        "\(flag) takes safetensors, and '\(printable(path))' is one of PyTorch's own files: convert it in Python with "
          + "safetensors.torch.save_file(state_dict, 'model.safetensors')")
    case "onnx", "h5", "keras", "npz", "gguf", "tflite":
      throw UsageError("\(flag) takes a safetensors file, a checkpoint or a run, not '\(printable(path))'")
    default: break
    }
  }
}
