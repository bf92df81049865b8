// From what is known of every sample to what is worth saying.

/// Makes the findings of a scan.
struct FindingSorter {
  let parts: [DatasetScan.Part]
  let options: DatasetScan.Options
  let extras: FolderExtras
  let facts: [[SampleFacts]]
  let reasons: [[Int: String]]
  let balance: ClassBalance

  /// What was found, the worst first.
  var findings: [ScanFinding] {
    var items = sampleItems()
    for (kind, found) in DuplicateGroups(parts, facts: facts).items { items[kind] = found }
    for (kind, found) in balance.items(maxRatio: options.maxClassRatio) { items[kind] = found }
    items[.looseFile] = extras.looseFiles.map { .init(samples: [], subject: $0, detail: "") }
    items[.unreadableFolder] = extras.unreadableFolders.map { .init(samples: [], subject: $0.path, detail: $0.detail) }
    items[.otherImage] = extras.otherImages.map { .init(samples: [], subject: $0, detail: "") }
    items[.singleClass] =
      balance.classes.count == 1 ? [.init(samples: [], subject: balance.classes[0], detail: "")] : []
    items[.otherFile] = extras.otherFiles.map { .init(samples: [], subject: $0.path, detail: $0.detail) }
    return ScanFinding.Kind.allCases.compactMap { kind in
      guard let found = items[kind], !found.isEmpty else { return nil }
      return ScanFinding(kind: kind, items: found)
    }
  }

  private func sampleItems() -> [ScanFinding.Kind: [ScanFinding.Item]] {
    var items: [ScanFinding.Kind: [ScanFinding.Item]] = [:]
    for part in parts.indices {
      for (index, facts) in facts[part].enumerated() where facts.verdict != .moved {
        func add(_ kind: ScanFinding.Kind, _ detail: String) {
          let sample = ScannedSample(parts, part: part, index: index)
          items[kind, default: []].append(.init(samples: [sample], subject: "", detail: detail))
        }
        if let kind = facts.verdict.kind { add(kind, reasons[part][index] ?? "") }
        guard let format = facts.format else { continue }
        if facts.traits.contains(.wrongExtension) {
          add(.wrongExtension, "holds \(format.name)")
        }
        if facts.traits.contains(.cmyk) { add(.cmyk, "") }
        if facts.shortSide < options.minSide { add(.tiny, "\(facts.width)x\(facts.height)") }
        if facts.traits.contains(.rotated) { add(.rotated, "") }
        if facts.traits.contains(.greyscale) { add(.greyscale, "") }
      }
    }
    return items
  }
}

extension SampleFacts.Verdict {
  /// What a report calls it; nil where there is nothing to say.
  var kind: ScanFinding.Kind? {
    switch self {
    case .good, .moved: nil
    case .unreadable: .unreadable
    case .notAnImage: .notAnImage
    case .truncated: .truncated
    case .damaged: .damaged
    case .unsupported: .unsupported
    case .tooLarge: .tooLarge
    }
  }
}
