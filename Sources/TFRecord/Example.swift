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

// The values of one feature while its lists are read.

/// A second list of the same kind goes on where the first one ended; one of another kind takes its place.
struct ExampleValues {
  private var kind: FeatureKind?
  private var bytes: [[UInt8]] = []
  private var floats: [Float] = []
  private var integers: [Int64] = []

  /// The values read so far; nil where there was no list.
  var feature: Example.Feature? {
    switch kind {
    case .bytes: .bytes(bytes)
    case .floats: .floats(floats)
    case .integers: .integers(integers)
    case nil: nil
    }
  }

  /// Adds the values of a list.
  mutating func read(
    _ kind: FeatureKind, from list: inout WireReader<MemoryBytes>, _ source: UnsafeRawBufferPointer
  ) throws {
    if kind != self.kind { self = ExampleValues() }
    self.kind = kind
    while let field = try list.next() {
      switch (kind, field.number, field.type) {
      case (.bytes, 1, 2): bytes.append(Array(source[try list.delimited()]))
      case (.floats, 1, 5): floats.append(Float(bitPattern: try list.fixed32()))
      case (.integers, 1, 0): integers.append(Int64(bitPattern: try list.varint()))
      case (.floats, 1, 2):
        try list.within(list.delimited()) { packed in
          while packed.position < packed.endPosition { floats.append(Float(bitPattern: try packed.fixed32())) }
        }
      case (.integers, 1, 2):
        try list.within(list.delimited()) { packed in
          while packed.position < packed.endPosition { integers.append(Int64(bitPattern: try packed.varint())) }
        }
      default: try list.skip(field)
      }
    }
  }
}

// Why bytes are no Example.

/// Bytes that are no protocol buffer of the kind `tf.train.Example`.
public struct ExampleError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, in a few words.
  public let reason: String

  init(_ reason: String) { self.reason = reason }

  /// One line: what is wrong.
  public var description: String { "no tf.train.Example: \(reason)" }
}
