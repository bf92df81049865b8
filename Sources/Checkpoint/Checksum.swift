import CISAL
public import Torch

/// CRC-32C (Castagnoli), the checksum of checkpoints, of what is no file.
public enum Checksum {
  /// That of a text, in hexadecimal.
  public static func of(_ text: String) -> String {
    FileContents.digits(Array(text.utf8).withUnsafeBytes { cisal_crc32c($0.baseAddress, $0.count) })
  }

  /// That of tensors with their names, in hexadecimal: equal where all names and bits are. Waits for the device.
  public static func of(_ tensors: StateDict) -> String {
    of(
      tensors.entries.map { entry in
        let sum = withoutGrad { entry.tensor.withBytes { cisal_crc32c($0.baseAddress, $0.count) } }
        return "\(entry.name) \(sum)"
      }.joined(separator: "\n"))
  }
}
