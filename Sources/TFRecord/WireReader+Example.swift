// The messages of tensorflow/core/example: Example { Features features = 1 }, Features { map<string, Feature> feature =
// 1 }, Feature { oneof: BytesList 1, FloatList 2, Int64List 3 }, each list { repeated value = 1 }, numbers packed or not.

/// The kinds of list in a Feature, by field number.
enum FeatureKind: UInt64 {
  case bytes = 1
  case floats = 2
  case integers = 3
}

extension WireReader {
  /// One named feature: where its name, its value and the whole of it, tag included, lie.
  struct Entry {
    let key: Range<Int>
    let feature: Range<Int>
    let whole: Range<Int>
  }

  /// Calls `visit` with every feature in the order of the bytes. Of features with the same name the last one counts.
  mutating func forEachFeature(_ visit: (inout Self, Entry) throws -> Void) throws {
    while let field = try next() {
      guard field.number == 1, field.type == 2 else {
        try skip(field)
        continue
      }
      try within(delimited()) { features in
        while let field = try features.next() {
          guard field.number == 1, field.type == 2 else {
            try features.skip(field)
            continue
          }
          let range = try features.delimited()
          let entry = try features.within(range) { try $0.entry(in: range, whole: field.start..<range.upperBound) }
          try visit(&features, entry)
        }
      }
    }
  }

  private mutating func entry(in range: Range<Int>, whole: Range<Int>) throws -> Entry {
    var key = range.lowerBound..<range.lowerBound
    var feature = range.lowerBound..<range.lowerBound
    while let field = try next() {
      switch (field.number, field.type) {
      case (1, 2): key = try delimited()
      case (2, 2): feature = try delimited()
      default: try skip(field)
      }
    }
    return Entry(key: key, feature: feature, whole: whole)
  }

  /// Calls `visit` with every list of a feature.
  mutating func forEachList(of feature: Range<Int>, _ visit: (inout Self, FeatureKind) throws -> Void) throws {
    try within(feature) { reader in
      while let field = try reader.next() {
        guard let kind = FeatureKind(rawValue: field.number), field.type == 2 else {
          try reader.skip(field)
          continue
        }
        try reader.within(reader.delimited()) { try visit(&$0, kind) }
      }
    }
  }

  /// Where the first text or image of a feature lies, or nil.
  mutating func firstBytes(of feature: Range<Int>) throws -> Range<Int>? {
    var found: Range<Int>?
    try forEachList(of: feature) { list, kind in
      while let field = try list.next() {
        if kind == .bytes, field.number == 1, field.type == 2 {
          let range = try list.delimited()
          found = found ?? range
        } else {
          try list.skip(field)
        }
      }
    }
    return found
  }

  /// The first whole number of a feature, or nil.
  mutating func firstInteger(of feature: Range<Int>) throws -> Int64? {
    var found: Int64?
    try forEachList(of: feature) { list, kind in
      while let field = try list.next() {
        switch (kind, field.number, field.type) {
        case (.integers, 1, 0):
          let value = try list.varint()
          found = found ?? Int64(bitPattern: value)
        case (.integers, 1, 2):
          try list.within(list.delimited()) { packed in
            if found == nil, packed.position < packed.endPosition { found = Int64(bitPattern: try packed.varint()) }
          }
        default: try list.skip(field)
        }
      }
    }
    return found
  }
}
