// What a scan can find, and what it found of each kind.

/// All that a scan found of one kind.
public struct ScanFinding: Sendable, Hashable {
  /// What can be found, the worst first. The raw values are the keys in JSON.
  public enum Kind: String, Sendable, CaseIterable {
    /// A file that cannot be opened or read.
    case unreadable
    /// A folder that cannot be listed.
    case unreadableFolder = "unreadable_folder"
    /// A file whose contents are neither JPEG, PNG nor WebP.
    case notAnImage = "not_an_image"
    /// An image whose data ends too early.
    case truncated
    /// An image whose data contradicts itself.
    case damaged
    /// A valid image of a kind that cannot be decoded.
    case unsupported
    /// An image with more pixels than the limit.
    case tooLarge = "too_large"
    /// The same image under different classes.
    case inTwoClasses = "in_two_classes"
    /// The same image on several sides of the split.
    case inBothSplits = "in_both_splits"
    /// A class that holds no image that can be used.
    case classWithoutImages = "class_without_images"
    /// A class that some side of the split lacks.
    case classInOneSplit = "class_in_one_split"
    /// The set has one class alone.
    case singleClass = "single_class"
    /// The same image more than once in one class of one side.
    case duplicate
    /// An image whose extension is another format's.
    case wrongExtension = "wrong_extension"
    /// An image in the inks of print.
    case cmyk
    /// An image with a side below the limit.
    case tiny
    /// The largest class has many times the samples of the smallest.
    case unbalanced
    /// Classes are numbered, and a number is missing.
    case labelGap = "label_gap"
    /// An image that EXIF says to turn or mirror.
    case rotated
    /// An image whose pixels have no colour.
    case greyscale
    /// An image of a kind that is not read, such as HEIC.
    case otherImage = "other_image"
    /// A file that lies in no class folder.
    case looseFile = "loose_file"
    /// A file of another kind in a class folder.
    case otherFile = "other_file"

    /// Whether it harms a training or its evaluation; the rest is worth knowing.
    public var isFault: Bool {
      switch self {
      case .unreadable, .unreadableFolder, .notAnImage, .truncated, .damaged, .unsupported, .tooLarge, .inTwoClasses,
        .inBothSplits, .classWithoutImages, .classInOneSplit, .singleClass:
        true
      case .duplicate, .wrongExtension, .cmyk, .tiny, .unbalanced, .labelGap, .rotated, .greyscale, .otherImage,
        .looseFile, .otherFile:
        false
      }
    }
  }

  /// One thing that was found.
  public struct Item: Sendable, Hashable {
    /// The samples it is about: one, or all that show the same image; none where it is about a class or another file.
    public let samples: [ScannedSample]
    /// The file or the class it is about where there are no samples.
    public let subject: String
    /// What there is to say of it, in one line; can be empty.
    public let detail: String
  }

  /// What was found.
  public let kind: Kind
  /// Each thing found, in the order of the set.
  public let items: [Item]
}

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
