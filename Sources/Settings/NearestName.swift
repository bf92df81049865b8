// "Did you mean": the nearest of some known names by edit distance.

/// The known name nearest to a written one, or nil if none is near.
///
/// The distance is the number of insertions, deletions, replacements and swaps of neighbours (optimal string alignment)
/// between the names without case, underscores and hyphens; a third of the letters may differ. Ties go to the first.
///
/// - Parameters:
///   - name: What was written; of a long text only the first 100 characters are compared.
///   - candidates: The known names.
public func nearestName(to name: String, in candidates: [String]) -> String? {
  let written = plainLetters(name)
  guard !written.isEmpty else { return nil }
  var best: (name: String, distance: Int)?
  for candidate in candidates {
    let distance = editDistance(written, plainLetters(candidate))
    if distance <= (written.count + 2) / 3, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.name
}

private func plainLetters(_ name: String) -> [Character] {
  Array(name.prefix(100).lowercased().filter { $0 != "_" && $0 != "-" })
}

private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var beforePrevious: [Int] = []
  var previous = Array(0...b.count)
  for i in a.indices {
    var current = [i + 1]
    for j in b.indices {
      var cost = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforePrevious[j - 1] + 1) }
      current.append(cost)
    }
    (beforePrevious, previous) = (previous, current)
  }
  return previous[b.count]
}
