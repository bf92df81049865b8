import Testing

@testable import Launch

struct LineSplitterTests {
  typealias Piece = LineSplitter.Piece

  private func split(_ chunks: [String]) -> [Piece] {
    var splitter = LineSplitter()
    var pieces: [Piece] = []
    for chunk in chunks { splitter.feed(Array(chunk.utf8)) { pieces.append($0) } }
    splitter.finish { pieces.append($0) }
    return pieces
  }

  private func line(_ text: String) -> Piece { .line(Array(text.utf8)) }
  private func progress(_ text: String) -> Piece { .progress(Array(text.utf8)) }

  @Test func linesAreWholeHoweverTheyArrive() {
    for chunks in [["one\ntwo\n"], ["o", "ne", "\nt", "wo\n"], ["one\n", "two"]] {
      #expect(split(chunks) == [line("one"), line("two")])
    }
  }

  @Test func aReturnBeforeTheEndOfALineIsPartOfTheEnd() {
    #expect(
      split(["one\r\ntwo\r", "\n"]).filter { $0 == line("one") || $0 == line("two") } == [line("one"), line("two")])
  }

  @Test func whatIsDrawnOverIsProgress() {
    #expect(split(["\r10%\u{1B}[K"]) == [progress("10%")])
    #expect(split(["\r10%\r20%\r30%"]) == [progress("30%")])
    #expect(split(["\r10%\r\u{1B}[Kdone\n"]) == [line("done")])
    #expect(split(["10%\r20%\rall\n"]) == [line("all")])
  }

  @Test func aLineWithoutEndIsCutAndHeldInBounds() {
    let pieces = split([String(repeating: "x", count: 3 * LineSplitter.limit + 5)])
    #expect(pieces.count == 4)
    #expect(pieces.last == line("xxxxx"))
    let drawn = split((0..<1000).map { _ in String(repeating: "y", count: 100) + "\r" })
    #expect(!drawn.contains { if case .line = $0 { true } else { false } })
  }

  @Test func aCutKeepsCharactersWhole() {
    let text = String(repeating: "é", count: LineSplitter.limit)
    let pieces = split(["x" + text + "\n"])
    var joined = ""
    for piece in pieces {
      guard case .line(let bytes) = piece else { continue }
      #expect(String(validating: bytes, as: UTF8.self) != nil)
      joined += String(decoding: bytes, as: UTF8.self)
    }
    #expect(joined == "x" + text)
  }

  @Test func bytesThatAreNoTextPassInBounds() {
    var splitter = LineSplitter()
    var numBytes = 0
    for _ in 0..<100 {
      splitter.feed([UInt8](repeating: 0x80, count: 1000)) { if case .line(let bytes) = $0 { numBytes += bytes.count } }
    }
    splitter.finish { if case .line(let bytes) = $0 { numBytes += bytes.count } }
    #expect(numBytes == 100_000)
  }
}
