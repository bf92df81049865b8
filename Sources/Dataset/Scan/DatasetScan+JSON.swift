// The report for programs; docs/formats/scan.md lists the keys.

public import Settings

extension DatasetScan {
  /// The whole report: every file of every finding.
  public var value: OptionsValue {
    .mapping([
      .init("format", .int(1)), .init("path", .string(path)), .init("has_faults", .bool(hasFaults)),
      .init("samples", .int(Int64(numSamples))), .init("bytes", .int(Int64(sizes.totalBytes))),
      .init("parts", .list(partValues)), .init("class_ratio", balance.ratio.map { .double($0) } ?? .null),
      .init("findings", .list(findings.map { value(of: $0) })),
      .init(
        "sizes",
        .mapping([
          .init("width", Self.value(of: sizes.width)), .init("height", Self.value(of: sizes.height)),
          .init("short_side", Self.value(of: sizes.shortSide)), .init("bytes", Self.value(of: sizes.bytes)),
        ])),
    ])
  }

  /// Writes the report as a JSON file, which appears whole or not at all; a pipe or a device is written to. Throws a
  /// `FileError`.
  public func writeJSON(to path: BytePath) throws {
    try FileWriter.writeOutput(Array(value.json.utf8), to: path)
  }

  private var partValues: [OptionsValue] {
    parts.indices.map { part in
      .mapping([
        .init("name", .string(parts[part].name)),
        .init("samples", .int(Int64(facts[part].count { $0.verdict != .moved }))),
        .init("usable", .int(Int64(facts[part].count { $0.verdict == .good }))),
        .init(
          "classes",
          .list(
            balance.classes.indices.map { index in
              .mapping([
                .init("class", .string(balance.classes[index])),
                .init("usable", .int(Int64(balance.counts[part][index]))),
              ])
            })),
      ])
    }
  }

  /// The path of a sample: that of its file where it is one, else the name of its record.
  private func pathEntries(of sample: ScannedSample) -> [OptionsValue.Entry] {
    guard let folder = parts[sample.part].source as? ImageFolder else { return [.init("path", .string(sample.path))] }
    return BytePath(parts[sample.part].prefix).appending(folder.samples[sample.index].relativePath).entries("path")
  }

  private func value(of finding: ScanFinding) -> OptionsValue {
    .mapping([
      .init("kind", .string(finding.kind.rawValue)),
      .init("severity", .string(finding.kind.isFault ? "fault" : "note")),
      .init("count", .int(Int64(finding.items.count))),
      .init(
        "items",
        .list(
          finding.items.map { item in
            .mapping([
              .init(
                "files",
                .list(
                  item.samples.map {
                    .mapping(pathEntries(of: $0) + [.init("class", .string($0.className))])
                  })),
              .init("subject", .string(item.subject)), .init("detail", .string(item.detail)),
            ])
          })),
    ])
  }

  private static func value(of distribution: ScanSizes.Distribution) -> OptionsValue {
    .mapping([
      .init("minimum", .int(Int64(distribution.minimum))), .init("median", .int(Int64(distribution.median))),
      .init("maximum", .int(Int64(distribution.maximum))),
      .init(
        "histogram",
        .list(
          distribution.bins.map {
            .mapping([.init("from", .int(Int64($0.from))), .init("count", .int(Int64($0.count)))])
          })),
    ])
  }
}

// How a name that need not be text stands in JSON, which is.

extension BytePath {
  /// The text where the bytes are UTF-8, control characters included; nil else.
  package var text: String? { String(validating: bytes, as: UTF8.self) }

  /// The bytes in hexadecimal.
  package var hexadecimal: String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

  /// `key`: the text of the path. Where it is no UTF-8, `key` has `\xNN` for what is none, for people, and `key_bytes` is
  /// the path in hexadecimal.
  package func entries(_ key: String) -> [OptionsValue.Entry] {
    if let text { return [.init(key, .string(text))] }
    return [.init(key, .string(description)), .init("\(key)_bytes", .string(hexadecimal))]
  }
}
