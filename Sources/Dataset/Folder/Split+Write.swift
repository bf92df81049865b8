// Writes a split as a folder in ImageNet's layout.

extension Split {
  /// How the files reach the output folder.
  public enum Placement: String, Codable, Sendable, CaseIterable {
    /// A copy of the bytes.
    case copy
    /// A second name for the same file; both folders must lie on one file system.
    case hardLink = "hard-link"
  }

  /// Splits the images of `raw` (CLASS/..., or train/CLASS/...) and writes them as `out/train/CLASS/...` and
  /// `out/validation/CLASS/...`. A test split is not divided: it becomes `out/test/CLASS/...`.
  /// All is written into a hidden folder beside `out`, which takes its name at the end, so that `out` is either whole or
  /// not there, however the process ends; nothing is forced to the disk. `progress` hears how many of how many images
  /// are in place, and ends the work by throwing. Throws `ImageFolderError`, `SplitError` (an output that is not empty is
  /// refused) or `FileError`.
  @discardableResult
  public static func write(
    _ raw: BytePath, to out: BytePath, ratio: SplitRatio, seed: UInt64, rule: SplitRule = .exact,
    placement: Placement = .copy, progress: ((_ numDone: Int, _ numImages: Int) throws -> Void)? = nil
  ) throws -> Split {
    let target = try StagedFolder.target(of: out) {
      $0 == .notEmpty ? SplitError.outputNotEmpty(out.description) : SplitError.outputNotAFolder(out.description)
    }
    let layout = try ImageFolderLayout.find(raw)
    if layout.validation != nil { throw SplitError.alreadySplit(raw.description) }
    let folder = try ImageFolder(root: layout.requireTrain())
    let test = try layout.test.map { try ImageFolder(root: $0, classes: folder.classes) }
    var split = try Split(folder, ratio: ratio, seed: seed, rule: rule)
    split.testCounts = test?.numSamplesPerClass
    let source = try FileTree.resolve(raw)
    if target.isInside(source) || source.isInside(target) {
      throw SplitError.outputOverlapsInput(output: out.description, input: raw.description)
    }
    var numDone = 0
    func advance() throws {
      numDone += 1
      try progress?(numDone, folder.samples.count + (test?.samples.count ?? 0))
    }
    try StagedFolder.write(to: target) { staging in
      try place(split.train, of: folder, in: staging.appending("train"), placement, advance)
      try place(split.validation, of: folder, in: staging.appending("validation"), placement, advance)
      if let test {
        try place(Array(test.samples.indices), of: test, in: staging.appending("test"), placement, advance)
      }
    }
    return split
  }

  private static func place(
    _ indices: [Int], of folder: ImageFolder, in target: BytePath, _ placement: Placement,
    _ advance: () throws -> Void
  ) throws {
    var made: Set<BytePath> = []
    for index in indices {
      let path = target.appending(folder.samples[index].relativePath)
      if made.insert(path.parent).inserted { try FileTree.makeFolders(path.parent) }
      switch placement {
      case .copy: try FileWriter.copy(folder.path(at: index), to: path)
      case .hardLink: try FileWriter.hardLink(folder.path(at: index), to: path)
      }
      try advance()
    }
  }
}
