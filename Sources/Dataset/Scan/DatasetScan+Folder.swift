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
