// The protocol buffer in which TensorFlow's scripts keep a sample: named lists of bytes, floats or whole numbers.

/// A `tf.train.Example`.
///
/// What is written is a pure function of the features: names in byte order, numbers packed. Read is all that TensorFlow
/// reads: any order, numbers packed or not, fields that nobody knows; of features with the same name the last one counts.
public struct Example: Sendable, Equatable {
  /// A list of values of one kind.
  public enum Feature: Sendable, Equatable {
    /// Texts or images.
    case bytes([[UInt8]])
    /// Numbers in single precision.
    case floats([Float])
    /// Whole numbers.
    case integers([Int64])

    /// A single text, in UTF-8.
    public static func text(_ text: String) -> Feature { .bytes([Array(text.utf8)]) }
    /// A single whole number.
    public static func integer(_ value: Int) -> Feature { .integers([Int64(value)]) }
  }

  /// The values by name.
  public var features: [String: Feature]

  /// An Example of these features.
  public init(features: [String: Feature] = [:]) { self.features = features }

  /// Reads a payload. A feature without a list is left out. Time and memory are in proportion to the payload.
  public init(_ payload: [UInt8]) throws(ExampleError) {
    do {
      features = try payload.withUnsafeBytes { bytes in
        var features: [String: Feature] = [:]
        var reader = WireReader(MemoryBytes(bytes: bytes))
        try reader.forEachFeature { reader, entry in
          features[String(decoding: bytes[entry.key], as: UTF8.self)] = try Self.feature(&reader, entry.feature, bytes)
        }
        return features
      }
    } catch {
      throw error as? ExampleError ?? ExampleError("\(error)")
    }
  }

  /// The payload.
  public var payload: [UInt8] {
    var entries: [UInt8] = []
    for name in features.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      entries += Self.entry(name, features[name]!)
    }
    var payload: [UInt8] = []
    payload.appendField(1, entries)
    return payload
  }

  /// A feature as an element of the map, with its tag.
  static func entry(_ name: String, _ feature: Feature) -> [UInt8] {
    var list: [UInt8] = []
    let kind: FeatureKind
    switch feature {
    case .bytes(let values):
      kind = .bytes
      for value in values { list.appendField(1, value) }
    case .floats(let values):
      kind = .floats
      if !values.isEmpty { list.appendDelimited(1, count: values.count * 4) }
      for value in values { list += RecordFrame.littleEndianBytes(value.bitPattern) }
    case .integers(let values):
      kind = .integers
      var packed: [UInt8] = []
      for value in values { packed.appendVarint(UInt64(bitPattern: value)) }
      if !values.isEmpty { list.appendField(1, packed) }
    }
    var value: [UInt8] = []
    value.appendField(UInt8(kind.rawValue), list)
    var entry: [UInt8] = []
    entry.appendField(1, name.utf8)
    entry.appendField(2, value)
    var whole: [UInt8] = []
    whole.appendField(1, entry)
    return whole
  }

  private static func feature(
    _ reader: inout WireReader<MemoryBytes>, _ range: Range<Int>, _ bytes: UnsafeRawBufferPointer
  ) throws -> Feature? {
    var values = ExampleValues()
    try reader.forEachList(of: range) { list, kind in try values.read(kind, from: &list, bytes) }
    return values.feature
  }
}
