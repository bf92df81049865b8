import Dataset
import Foundation
import Telemetry

/// Paths that a user names, looked at before any work.
enum ExistingPath {
  /// Refuses a path where there is nothing.
  static func check(_ path: String?, of flag: String) throws {
    guard let path, try !FileTree.leadsSomewhere(ArgumentPath.path(path)) else { return }
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

/// Paths of the command line as the kernel gave them. A string has U+FFFD for every byte that is not UTF-8, and would
/// name no file.
enum ArgumentPath {
  /// The path that an argument stands for. Throws a `UsageError` where several do that are not UTF-8.
  static func path(_ text: String) throws -> BytePath {
    let found = Set(candidates(text))
    if found.count > 1 {
      throw UsageError("several arguments look like '\(printable(text))' and are not UTF-8; rename one of them")
    }
    return found.first ?? BytePath(text)
  }

  /// The paths that the arguments of a list stand for, in their order.
  static func paths(_ texts: [String]) -> [BytePath] {
    var numUsed: [[UInt8]: Int] = [:]
    return texts.map { text in
      let found = candidates(text)
      let place = numUsed[Array(text.utf8), default: 0]
      numUsed[Array(text.utf8)] = place + 1
      return found.indices.contains(place) ? found[place] : BytePath(text)
    }
  }

  /// The arguments that a string could come from, where it is not theirs byte for byte.
  private static func candidates(_ text: String) -> [BytePath] {
    guard text.unicodeScalars.contains("\u{FFFD}") else { return [] }
    return (1..<max(1, Int(CommandLine.argc))).compactMap { place in
      guard let argument = CommandLine.unsafeArgv[place] else { return nil }
      let bytes = Array(UnsafeRawBufferPointer(start: argument, count: strlen(argument)))
      let value = bytes.first == UInt8(ascii: "-") ? Array(bytes.drop { $0 != UInt8(ascii: "=") }.dropFirst()) : bytes
      return [bytes, value].first { Array(String(decoding: $0, as: UTF8.self).utf8) == Array(text.utf8) }
        .map { BytePath(bytes: $0) }
    }
  }
}
