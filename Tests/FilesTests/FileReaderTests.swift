import DataTestSupport
import Foundation
import Testing

@testable import Files

struct FileReaderTests {
  @Test func readsWithinTheLimit() throws {
    let scratch = try ScratchFolder()
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let file = try scratch.write(bytes, "a")
    #expect(try FileReader.read(file, limit: 1000) == bytes)
    #expect(throws: FileError("read", file, reason: "it holds 1000 bytes, more than the limit of 999")) {
      try FileReader.read(file, limit: 999)
    }
    #expect(try FileReader.read(try scratch.write([], "empty")) == [])
  }

  @Test func readsEnds() throws {
    let scratch = try ScratchFolder()
    let bytes = (0..<100).map { UInt8($0) }
    let file = try scratch.write(bytes, "a")
    #expect(try FileReader.readEnds(file, head: 10, tail: 5) == (Array(bytes[..<10]) + bytes[95...], 100))
    #expect(try FileReader.readEnds(file, head: 60, tail: 40) == (bytes, 100))
    #expect(try FileReader.readEnds(file, head: 1000, tail: 1000) == (bytes, 100))
  }

  /// Opening a pipe that nobody writes to would wait for ever.
  @Test(.timeLimit(.minutes(1))) func refusesWhatIsNoFile() throws {
    let scratch = try ScratchFolder()
    let pipe = scratch.path.appending("pipe.jpg")
    #expect(pipe.withCString { mkfifo($0, 0o600) } == 0)
    for path in [pipe, scratch.path, "/dev/zero"] {
      #expect(throws: FileError("read", path, reason: "it is not a regular file")) { try FileReader.read(path) }
    }
    let gone = scratch.path.appending("gone.jpg")
    #expect(throws: FileError("open", gone, code: ENOENT)) { try FileReader.read(gone) }
  }

  @Test func writesWholeOrNotAtAll() throws {
    let scratch = try ScratchFolder()
    let file = try scratch.write("old", "file")
    try FileWriter.writeAtomically(Array("new".utf8), to: file)
    #expect(try FileReader.read(file) == Array("new".utf8))
    #expect(throws: FileError.self) { try FileWriter.writeAtomically([1], to: scratch.path.appending("none/file")) }
    // A folder cannot be replaced by a file; nothing temporary stays behind.
    try scratch.write("x", "folder/inner")
    #expect(throws: FileError.self) { try FileWriter.writeAtomically([1], to: scratch.path.appending("folder")) }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: scratch.path.description).sorted() == ["file", "folder"])
  }

  @Test func errorsTellWhatToDo() {
    #expect(FileError("open", "a\nb", code: ENOENT).description == "cannot open 'a\\x0ab': No such file or directory")
    #expect(FileError("open", "a", code: EACCES).description.hasSuffix("; check its permissions"))
    #expect(FileError("open", "a", code: EMFILE).isSystemWide)
    #expect(!FileError("open", "a", code: EACCES).isSystemWide)
  }
}
