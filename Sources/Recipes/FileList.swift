import Dataset

/// Single files as a set without classes, for prediction.
struct FileList: SampleSource {
  let paths: [BytePath]
  let classes: [String] = []

  var count: Int { paths.count }
  /// Not used: a list is gone through once, and never resumed.
  var fingerprint: UInt64 { UInt64(paths.count) }

  func label(at index: Int) -> Int { 0 }
  func name(at index: Int) -> String { paths[index].description }
  func claimedExtension(at index: Int) -> String { paths[index].pathExtension }
  func read(at index: Int, limit: Int) throws -> [UInt8] { try FileReader.read(paths[index], limit: limit) }
  func readEnds(at index: Int, head: Int, tail: Int) throws -> (bytes: [UInt8], fileSize: Int) {
    try FileReader.readEnds(paths[index], head: head, tail: tail)
  }
}
