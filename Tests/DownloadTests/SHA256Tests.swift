import Testing

@testable import Download

/// The vectors of FIPS 180-4's examples.
struct SHA256Tests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    (
      String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ]) func publishedVectors(text: String, digest: String) {
    var hash = SHA256()
    hash.update(Array(text.utf8))
    #expect(Checksum(digest: hash.digest()).description == "sha256:\(digest)")
  }

  @Test func piecesMakeNoDifference() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 31) }
    for count in [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000] {
      var whole = SHA256()
      whole.update(Array(bytes.prefix(count)))
      for piece in [1, 7, 63, 64, 65, 200] {
        var pieces = SHA256()
        for start in stride(from: 0, to: count, by: piece) {
          pieces.update(Array(bytes[start..<min(start + piece, count)]))
        }
        #expect(pieces.digest() == whole.digest())
      }
    }
  }

  @Test func aChecksumIsReadAndWritten() throws {
    let text = "sha256:" + String(repeating: "0aF9", count: 16)
    #expect(try Checksum(parsing: text).description == text.lowercased())
    for bad in [
      "", "sha256", "sha256:", "sha256:00", "md5:\(text.dropFirst(7))", String(text.dropFirst(7)), text + "0",
      String(text.dropLast()) + "g", String(text.dropLast(2)) + "é",
    ] {
      #expect(throws: DownloadError.badChecksum(bad)) { try Checksum(parsing: bad) }
    }
  }

  @Test func theKnownSetsHaveNamesOfTheirOwn() {
    #expect(Set(KnownDataset.all.map(\.name)).count == KnownDataset.all.count)
    #expect(KnownDataset.named("flowers")?.size == 228_813_984)
    #expect(KnownDataset.named("cifar10")?.size == 170_052_171)
    #expect(KnownDataset.named("cats") == nil)
    for set in KnownDataset.all { #expect(throws: Never.self) { try DownloadSource(parsing: set.url) } }
  }
}
