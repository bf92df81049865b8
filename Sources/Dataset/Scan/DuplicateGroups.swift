// Samples that show the same image: the same pixels after decoding and turning.

/// The groups of equal images of a set.
struct DuplicateGroups {
  /// Samples that show one image, in the order of the set.
  struct Group {
    let samples: [ScannedSample]
    /// Whether their files are equal too.
    let hasEqualFiles: Bool

    var isInTwoClasses: Bool { samples.contains { $0.className != samples[0].className } }
    var isInBothSplits: Bool { samples.contains { $0.part != samples[0].part } }
  }

  let groups: [Group]

  init(_ parts: [DatasetScan.Part], facts: [[SampleFacts]]) {
    struct Entry {
      let pixels: ContentHash
      let part: Int
      let index: Int
    }
    var entries: [Entry] = []
    for part in facts.indices {
      for (index, fact) in facts[part].enumerated() where fact.verdict == .good {
        if let pixels = fact.pixelHash { entries.append(Entry(pixels: pixels, part: part, index: index)) }
      }
    }
    entries.sort { ($0.pixels, $0.part, $0.index) < ($1.pixels, $1.part, $1.index) }
    var groups: [Group] = []
    var start = 0
    while start < entries.count {
      var end = start + 1
      while end < entries.count, entries[end].pixels == entries[start].pixels { end += 1 }
      if end - start > 1 {
        let members = entries[start..<end]
        let hashes = Set(members.map { facts[$0.part][$0.index].fileHash })
        groups.append(
          Group(
            samples: members.map { ScannedSample(parts, part: $0.part, index: $0.index) },
            hasEqualFiles: hashes.count == 1))
      }
      start = end
    }
    self.groups = groups.sorted {
      ($0.samples[0].part, $0.samples[0].index) < ($1.samples[0].part, $1.samples[0].index)
    }
  }

  /// The groups as findings; one that crosses both classes and sides is found twice.
  var items: [ScanFinding.Kind: [ScanFinding.Item]] {
    var items: [ScanFinding.Kind: [ScanFinding.Item]] = [:]
    for group in groups {
      let item = ScanFinding.Item(
        samples: group.samples, subject: "", detail: group.hasEqualFiles ? "the same file" : "the same pixels")
      if group.isInTwoClasses { items[.inTwoClasses, default: []].append(item) }
      if group.isInBothSplits { items[.inBothSplits, default: []].append(item) }
      if !group.isInTwoClasses, !group.isInBothSplits { items[.duplicate, default: []].append(item) }
    }
    return items
  }
}
