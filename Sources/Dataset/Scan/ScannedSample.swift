// A sample as a report names it.

/// A sample of a scanned set.
public struct ScannedSample: Sendable, Hashable {
  /// The place of its side among the parts.
  public let part: Int
  /// Its place in the side.
  public let index: Int
  /// Its path below the scanned folder, fit for a message.
  public let path: String
  /// The name of its class.
  public let className: String

  init(_ parts: [DatasetScan.Part], part: Int, index: Int) {
    let side = parts[part]
    self.part = part
    self.index = index
    path = side.prefix + side.source.name(at: index)
    className = side.source.className(at: index)
  }
}

extension SampleSource {
  /// The name of a sample's class; its number where that has no name.
  func className(at index: Int) -> String {
    let label = label(at: index)
    return classes.indices.contains(label) ? classes[label] : "class \(label)"
  }
}
