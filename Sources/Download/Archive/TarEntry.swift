/// One file or folder of an archive. Owner, mode and time are not kept: what is unpacked is the user's own.
struct TarEntry: Equatable {
  /// What an entry is.
  enum Kind: Equatable {
    case file
    case folder
  }

  /// The path as it stands in the archive, unchecked.
  var path: [UInt8]
  var kind: Kind
  /// The bytes of a file; 0 for a folder.
  var size: Int
}
