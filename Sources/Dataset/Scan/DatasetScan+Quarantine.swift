// What a scan's findings put into quarantine.

extension DatasetScan {
  /// Which findings are moved.
  public enum QuarantineScope: Sendable, CaseIterable {
    /// What no loader can use: unreadable, not an image, truncated, damaged, unsupported, too large.
    case unusable
    /// That, and images on several sides or in two classes. Of an image on several sides the training copies go, so that
    /// the evaluation stays what it was; of one under two classes all copies go, since no one can tell the right class.
    case unusableAndDuplicates
  }

  /// Moves what must not be trained on into the quarantine of the scanned folder, and gives the report of what is left
  /// with what became of the files. Throws a `ScanError` where the set is no folder of images, or a `FileError`.
  public func quarantine(_ scope: QuarantineScope) throws -> (rest: DatasetScan, outcome: Quarantine.Outcome) {
    let root = try folderRoot()
    var chosen: [(sample: ScannedSample, path: BytePath, reason: String)] = []
    for (sample, reason) in condemned(scope) {
      guard let folder = parts[sample.part].source as? ImageFolder else { throw ScanError.notAFolder(path) }
      let prefix = BytePath(parts[sample.part].name)
      chosen.append((sample, prefix.appending(folder.samples[sample.index].relativePath), reason))
    }
    let outcome = try Quarantine(of: root).take(chosen.map { ($0.path, $0.reason) })
    let moved = Set(outcome.moved)
    return (without(chosen.filter { moved.contains($0.path) }.map(\.sample)), outcome)
  }

  /// The samples to move, each once, in the order of the set.
  private func condemned(_ scope: QuarantineScope) -> [(sample: ScannedSample, reason: String)] {
    var reasons: [ScannedSample: String] = [:]
    for part in parts.indices {
      for (index, fact) in facts[part].enumerated() where fact.verdict.isBad {
        reasons[ScannedSample(parts, part: part, index: index)] = self.reasons[part][index] ?? ""
      }
    }
    if scope == .unusableAndDuplicates {
      for group in DuplicateGroups(parts, facts: facts).groups where group.isInTwoClasses || group.isInBothSplits {
        for sample in group.samples where group.isInTwoClasses || sample.part == 0 {
          let other = group.samples.first {
            $0 != sample && ($0.className != sample.className || $0.part != sample.part)
          }
          reasons[sample] = reasons[sample] ?? "the same image as \(other?.path ?? "another")"
        }
      }
    }
    return reasons.map { ($0.key, $0.value) }.sorted {
      ($0.sample.part, $0.sample.index) < ($1.sample.part, $1.sample.index)
    }
  }

  /// The folder that was scanned: that of the only side, or the one that holds the sides.
  private func folderRoot() throws -> BytePath {
    guard let first = parts.first, let folder = first.source as? ImageFolder else { throw ScanError.notAFolder(path) }
    return first.name.isEmpty ? folder.root : folder.root.parent
  }
}
