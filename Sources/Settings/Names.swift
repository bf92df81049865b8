// Names: the mechanical way from Swift's to those in YAML and JSON, dotted paths, and "did you mean".

/// A Swift name in snake case: `batchSize` is `batch_size`, `imageURLs` is `image_urls`; a name in snake case stays.
///
/// A run of capitals is one word, whose last capital belongs to the next word if a small letter follows it; digits
/// belong to the word before them.
public func snakeCase(_ name: String) -> String {
  let characters = Array(name)
  var result = ""
  for (index, character) in characters.enumerated() {
    guard character.isUppercase else {
      result.append(character)
      continue
    }
    let afterWord = index > 0 && characters[index - 1] != "_" && !characters[index - 1].isUppercase
    let beforeWord =
      index > 0 && characters[index - 1].isUppercase && index + 1 < characters.count
      && characters[index + 1].isLowercase && !isPluralEnd(characters, at: index + 1)
    if afterWord || beforeWord { result.append("_") }
    result += character.lowercased()
  }
  return result
}

/// The dotted path of a key inside the section at `path`, which is empty for the root.
func dotted(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

/// Whether the small letter at a place is the `s` that ends a plural of capitals, as in `URLs`.
private func isPluralEnd(_ characters: [Character], at index: Int) -> Bool {
  characters[index] == "s" && (index + 1 == characters.count || characters[index + 1].isUppercase)
}

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
