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
