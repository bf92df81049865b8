// A thorough look at a whole set: every sample is read and decoded, and what is wrong or odd is reported.
//
// Samples are looked at on many threads; what is known of each is kept by its place, so that the report is the same
// whatever the number of threads. Memory: about a hundred bytes a sample, and what `Options.memoryLimit` says.

public import Settings
import Synchronization

/// What a scan of a set found.
public struct DatasetScan: Sendable {
  /// One side of a set, such as train.
  public struct Part: Sendable {
    /// The name of the side; empty where the set has only one.
    public let name: String
    /// Its samples.
    public let source: any SampleSource
    /// What comes before the names of its samples in a report.
    let prefix: String

    /// A side of a set.
    public init(name: String, source: any SampleSource) {
      self.init(name: name, source: source, prefix: name.isEmpty ? "" : name + "/")
    }

    init(name: String, source: any SampleSource, prefix: String) {
      self.name = name
      self.source = source
      self.prefix = prefix
    }
  }

  /// Where the set lies, fit for a message.
  public let path: String
  /// The sides of the set.
  public let parts: [Part]
  /// The settings.
  public let options: Options
  /// What was found, the worst first; kinds of which there is nothing are left out.
  public let findings: [ScanFinding]
  /// How many samples each class has.
  public let balance: ClassBalance
  /// How large the images and their files are.
  public let sizes: ScanSizes
  /// What was found beside the samples.
  let extras: FolderExtras
  /// What is known of each sample, by part and place.
  let facts: [[SampleFacts]]
  /// Why the bad ones are, by part and place.
  let reasons: [[Int: String]]

  /// Looks at every sample of `parts`, which hold the same classes. `path` names the set in the report; `progress` is
  /// called on any thread, once for every sample that is done. Throws where the system fails (no descriptors, no memory,
  /// no thread); bad samples are no error here.
  public init(
    _ parts: [Part], path: String, options: Options = Options(), progress: (@Sendable () -> Void)? = nil
  ) throws {
    try self.init(parts, path: path, extras: FolderExtras(), options: options, progress: progress)
  }

  init(
    _ parts: [Part], path: String, extras: FolderExtras, options: Options, progress: (@Sendable () -> Void)?
  ) throws {
    try options.validated(as: "scan options")
    let inspector = SampleInspector(options)
    var facts: [[SampleFacts]] = []
    var reasons: [[Int: String]] = []
    for part in parts {
      let source = part.source
      let found = Mutex(
        (facts: [SampleFacts](repeating: SampleFacts(), count: source.count), reasons: [Int: String]()))
      try parallelFor(source.count, numThreads: options.numThreads) { index in
        let (fact, reason) = try inspector.inspect(source, at: index)
        found.withLock {
          $0.facts[index] = fact
          if let reason { $0.reasons[index] = reason }
        }
        progress?()
      }
      facts.append(found.withLock { $0.facts })
      reasons.append(found.withLock { $0.reasons })
    }
    self.init(parts: parts, path: path, extras: extras, options: options, facts: facts, reasons: reasons)
  }

  private init(
    parts: [Part], path: String, extras: FolderExtras, options: Options, facts: [[SampleFacts]],
    reasons: [[Int: String]]
  ) {
    self.parts = parts
    self.path = path
    self.options = options
    self.extras = extras
    self.facts = facts
    self.reasons = reasons
    balance = ClassBalance(parts, facts: facts)
    sizes = ScanSizes(facts)
    let sorter = FindingSorter(
      parts: parts, options: options, extras: extras, facts: facts, reasons: reasons, balance: balance)
    findings = sorter.findings
  }

  /// The number of samples, those moved away since left out.
  public var numSamples: Int { sizes.numSamples }

  /// Whether something was found that harms a training or its evaluation.
  public var hasFaults: Bool { findings.contains { $0.kind.isFault } }

  /// The same report without some of the samples, which were moved away since.
  func without(_ moved: [ScannedSample]) -> DatasetScan {
    var facts = facts
    for sample in moved { facts[sample.part][sample.index].verdict = .moved }
    return DatasetScan(
      parts: parts, path: path, extras: extras, options: options, facts: facts, reasons: reasons)
  }
}

// The scan of a folder of images, or of one of TFRecord shards.

extension DatasetScan {
  /// Looks at every image of a folder: `train/CLASS/...` and `validation/CLASS/...` (also `val/` and `test/`), or
  /// `CLASS/...`. Classes without images are findings. `willStart` hears how many images there are before the first one is read. Throws an
  /// `ImageFolderError` where there is no set, and what the scan of a source throws.
  public init(
    folder root: BytePath, options: Options = Options(), willStart: ((_ numSamples: Int) -> Void)? = nil,
    progress: (@Sendable () -> Void)? = nil
  ) throws {
    if try FileTree.folderIdentity(root) != nil && ShardSet.isThere(root) {
      let set = try ShardSet(root, verify: .always, numThreads: options.numThreads)
      // A record's name tells its side by itself.
      let parts = set.splits.compactMap { set[$0] }.map { Part(name: $0.part, source: $0, prefix: "") }
      willStart?(parts.reduce(0) { $0 + $1.source.count })
      try self.init(parts, path: root.description, options: options, progress: progress)
      return
    }
    let layout = try ImageFolderLayout.find(root)
    _ = try layout.requireTrain()
    let hasSides = layout.hasSplits
    let roots = layout.splits.compactMap { layout[$0] }
    var names: Set<BytePath> = []
    for side in roots { names.formUnion(try ImageFolder.classFolders(of: side, order: .byte).names.map(\.name)) }
    // Both sides get all classes, so that one that lacks images is a finding and no error.
    let classes = ClassOrder.byte.sorted(Array(names)).map(\.description)
    var parts: [Part] = []
    var extras = FolderExtras()
    if hasSides { try extras.addLooseFiles(of: root) }
    for side in roots {
      let name: BytePath = hasSides ? side.lastComponent : ""
      let folder = try ImageFolder(root: side, order: .byte, classes: classes, skipsUnreadable: true)
      parts.append(Part(name: name.description, source: folder))
      try extras.add(side, prefix: name, notes: folder.notes)
    }
    willStart?(parts.reduce(0) { $0 + $1.source.count })
    try self.init(parts, path: root.description, extras: extras, options: options, progress: progress)
  }
}

// What a user sets of a scan.

extension DatasetScan {
  /// The settings of a scan.
  public struct Options: Validatable, Hashable {
    /// Loader threads.
    public var numThreads = 2
    /// The largest image that is decoded, in pixels: that of the run.
    public var maxPixels = ImageDecoder().maxPixels
    /// The largest file that is read, in bytes.
    public var fileByteLimit = FileReader.defaultLimit
    /// An image with a side below this is noted as tiny, in pixels.
    public var minSide = 32
    /// Classes are noted as unbalanced where the largest has so many times the samples of the smallest.
    public var maxClassRatio = 10.0
    /// Bytes that files and pixels may take at a time; a single image that needs more is looked at alone.
    public var memoryLimit = SystemMemory.decodingShare

    /// The defaults.
    public init() {}

    /// Checks the values.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("num_threads", numThreads, in: 1...1024)
      issues.check("max_pixels", maxPixels, in: ImageDecoder.pixelLimits)
      issues.check("file_byte_limit", fileByteLimit, atLeast: 1)
      issues.check("min_side", minSide, in: 1...65_536)
      issues.check("max_class_ratio", maxClassRatio, in: 1...1e9)
      issues.check("memory_limit", memoryLimit, atLeast: 1)
    }
  }
}
