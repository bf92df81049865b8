// The mechanical way from Swift's names to the names in YAML and JSON.

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

/// Whether the small letter at a place is the `s` that ends a plural of capitals, as in `URLs`.
private func isPluralEnd(_ characters: [Character], at index: Int) -> Bool {
  characters[index] == "s" && (index + 1 == characters.count || characters[index + 1].isUppercase)
}
