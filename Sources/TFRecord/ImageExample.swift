// The Example of an image in ImageNet's form, without a copy of the image: where its parts lie in a payload, and how one
// is written around an image.
//
// The names are those of TensorFlow's ImageNet scripts (build_imagenet_data.py): image/encoded, image/class/label,
// image/class/text, image/class/synset, image/filename and others.

/// Where the parts of an image's Example lie in its payload.
public struct ImageExample: Sendable, Equatable {
  /// The feature of the encoded image.
  public static let imageName = "image/encoded"
  /// The feature of the label.
  public static let labelName = "image/class/label"
  /// The feature of the class's name for people.
  public static let textName = "image/class/text"
  /// The feature of the class's WordNet number.
  public static let synsetName = "image/class/synset"
  /// The feature of the name that the image's file had.
  public static let filenameName = "image/filename"

  /// The encoded image; nil where there is none.
  public private(set) var image: Range<Int>?
  /// The class, as the file counts it; nil where there is none.
  public private(set) var label: Int64?
  /// The class's name for people.
  public private(set) var text: Range<Int>?
  /// The class's WordNet number.
  public private(set) var synset: Range<Int>?
  /// The name of the image's file.
  public private(set) var filename: Range<Int>?

  /// Finds the parts of a payload in memory.
  public init(_ payload: UnsafeRawBufferPointer) throws(ExampleError) {
    var reader = WireReader(MemoryBytes(bytes: payload))
    do {
      try self.init(&reader)
    } catch {
      throw error as? ExampleError ?? ExampleError("\(error)")
    }
  }

  /// Finds the parts of what a reader stands at.
  init<Bytes: WireBytes>(_ reader: inout WireReader<Bytes>) throws {
    try reader.forEachFeature { reader, entry in
      if try reader.holds(Self.imageName, in: entry.key) {
        image = try reader.firstBytes(of: entry.feature)
      } else if try reader.holds(Self.labelName, in: entry.key) {
        label = try reader.firstInteger(of: entry.feature)
      } else if try reader.holds(Self.textName, in: entry.key) {
        text = try reader.firstBytes(of: entry.feature)
      } else if try reader.holds(Self.synsetName, in: entry.key) {
        synset = try reader.firstBytes(of: entry.feature)
      } else if try reader.holds(Self.filenameName, in: entry.key) {
        filename = try reader.firstBytes(of: entry.feature)
      }
    }
  }

  /// Appends the payload of an image with other features, which are written in byte order of their names.
  public static func append(
    image: UnsafeRawBufferPointer, features: [String: Example.Feature], to payload: inout [UInt8]
  ) {
    precondition(features[imageName] == nil, "the image is no other feature")
    var (before, after): ([UInt8], [UInt8]) = ([], [])
    for name in features.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      let entry = Example.entry(name, features[name]!)
      if name.utf8.lexicographicallyPrecedes(imageName.utf8) { before += entry } else { after += entry }
    }
    let list = fieldCount(image.count)
    let value = fieldCount(list)
    let entry = fieldCount(imageName.utf8.count) + fieldCount(value)
    payload.appendDelimited(1, count: before.count + fieldCount(entry) + after.count)
    payload.append(contentsOf: before)
    payload.appendDelimited(1, count: entry)
    payload.appendField(1, imageName.utf8)
    payload.appendDelimited(2, count: value)
    payload.appendDelimited(UInt8(FeatureKind.bytes.rawValue), count: list)
    payload.appendDelimited(1, count: image.count)
    payload.append(contentsOf: image)
    payload.append(contentsOf: after)
  }

  /// Appends a payload with another label; every other feature keeps its bytes and its place, and fields outside of the
  /// features are dropped.
  public static func append(
    _ payload: UnsafeRawBufferPointer, relabelled label: Int, to out: inout [UInt8]
  ) throws(ExampleError) {
    let entry = Example.entry(labelName, .integer(label))
    var parts: [Range<Int>?] = []
    do {
      var reader = WireReader(MemoryBytes(bytes: payload))
      try reader.forEachFeature { reader, found in
        parts.append(try reader.holds(labelName, in: found.key) ? nil : found.whole)
      }
    } catch {
      throw error as? ExampleError ?? ExampleError("\(error)")
    }
    if !parts.contains(nil) { parts.append(nil) }
    out.appendDelimited(1, count: parts.reduce(0) { $0 + ($1?.count ?? entry.count) })
    for part in parts {
      if let part { out.append(contentsOf: payload[part]) } else { out.append(contentsOf: entry) }
    }
  }
}
