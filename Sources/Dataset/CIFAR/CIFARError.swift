/// A CIFAR-10 file that is not what it should be.
public enum CIFARError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A folder without the files of the binary version.
  case missing(file: String, folder: String)
  /// A file that is no row of records.
  case badLength(file: String, count: Int)
  /// A label that is no class.
  case badLabel(file: String, record: Int, label: Int)
  /// A list of classes that cannot be folders.
  case badClasses(file: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .missing(let file, let folder):
      "there is no \(file) in '\(folder)'; the binary version of CIFAR-10 is needed, cifar-10-binary.tar.gz"
    case .badLength(let file, let count):
      "'\(file)' holds \(count) bytes, which is not a multiple of the record size \(CIFARBinary.recordBytes); get it again"
    case .badLabel(let file, let record, let label):
      "record \(record) of '\(file)' has the label \(label), and CIFAR-10 has 0 to 9; get it again"
    case .badClasses(let file): "'\(file)' does not list ten names that folders can have; get it again"
    }
  }
}
