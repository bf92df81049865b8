import Dataset
import Foundation
import Testing

@testable import Download

/// Archives of independent writers, and what of them is kept.
struct UnpackingTests {
  @Test(arguments: [("ustar.tgz", 3), ("pax.tgz", 4), ("gnu.tgz", 4), ("members.tgz", 3)])
  func theThreeFormatsAreRead(name: String, numFiles: Int) throws {
    let scratch = try ScratchFolder()
    let folder = try scratch.makeFolder("out")
    let contents = try ArchiveUnpacker().unpack(ArchiveFixture.path(name), into: folder)
    #expect(contents.numFiles == numFiles)
    #expect(contents.topNames == ["photos"])
    #expect(try scratch.bytes("out/photos/LICENSE.txt") == Array("free\n".utf8))
    #expect(try scratch.bytes("out/photos/daisy/1.bin") == (0..<1000).map { UInt8(7 * $0 % 251) })
    let folders = String(repeating: "a-long-folder-name/", count: 6)
    let long = "out/photos/" + folders + String(repeating: "b", count: 60)
    #expect(try scratch.bytes("\(long).bin") == Array("long".utf8))
    if numFiles == 4 {
      let longer = "out/photos/\(String(repeating: "c", count: 200))/\(String(repeating: "d", count: 120)).bin"
      #expect(try scratch.bytes(longer) == Array("longer".utf8))
    }
  }

  @Test func modesAndOwnersAreOurs() throws {
    let scratch = try ScratchFolder()
    _ = try ArchiveUnpacker().unpack(ArchiveFixture.path("ustar.tgz"), into: scratch.makeFolder("out"))
    // The archive says 04755 and 07777, of user 1234.
    for (name, mode) in [("out/photos/daisy/1.bin", 0o644), ("out/photos/daisy", 0o755)] {
      var status = stat()
      #expect(scratch(name).withCString { stat($0, &status) } == 0)
      let mask = umask(0)
      umask(mask)
      #expect(Int(status.st_mode) & 0o7777 == mode & ~Int(mask))
      #expect(status.st_uid == getuid())
    }
  }

  @Test func everyPieceSizeGivesTheSame() throws {
    let bytes = try ArchiveFixture.bytes("pax.tgz")
    for piece in [1, 2, 7, 100, 511, 513] {
      let scratch = try ScratchFolder()
      let numFiles = try ArchiveUnpacker().unpack(MemorySource(bytes, piece: piece), name: "a", into: scratch.path)
        .numFiles
      #expect(numFiles == 4)
      #expect(try scratch.bytes("photos/daisy/1.bin").count == 1000)
    }
  }

  @Test func oldFoldersAndTopFolderAreTaken() throws {
    let scratch = try ScratchFolder()
    var tar = TarBuilder()
    tar.add("./", type: "5")
    tar.add("old/", type: "\u{0}")
    tar.add("./old//./a.txt", [1, 2], type: "\u{0}")
    tar.add("folder", [], type: "5", size: 5)
    tar.addPax([("comment", "x"), ("path", "name with é")])
    tar.add("short", [3])
    tar.addPax([("comment", "from git")], type: "g")
    tar.add("last", [4]) { $0.replaceSubrange(257..<265, with: [UInt8](repeating: 0, count: 8)) }
    #expect(try ArchiveUnpacker().unpack(MemorySource(tar.gzip), name: "a", into: scratch.path).numFiles == 3)
    #expect(scratch.listing() == ["folder/", "last", "name with é", "old/", "old/a.txt"])
  }

  @Test func aGreatSizeInBinaryIsRead() throws {
    let scratch = try ScratchFolder()
    var tar = TarBuilder()
    tar.add("a", [1, 2, 3], sizeField: [0x80] + [UInt8](repeating: 0, count: 10) + [3])
    #expect(try ArchiveUnpacker().unpack(MemorySource(tar.gzip), name: "a", into: scratch.path).numFiles == 1)
    #expect(try scratch.bytes("a") == [1, 2, 3])
  }

  @Test func aLoneEndBlockIsEnough() throws {
    let scratch = try ScratchFolder()
    var tar = TarBuilder()
    tar.add("a", [1])
    let bytes = TarBuilder.gzip(tar.bytes + [UInt8](repeating: 0, count: 512))
    #expect(try ArchiveUnpacker().unpack(MemorySource(bytes), name: "a", into: scratch.path).numFiles == 1)
  }

  @Test func progressReachesTheEnd() throws {
    let scratch = try ScratchFolder()
    var last = (0, 0)
    let unpacker = ArchiveUnpacker(progress: { last = ($0, $1) })
    _ = try unpacker.unpack(ArchiveFixture.path("zeros.tgz"), into: scratch.path, limits: 2000)
    let size = try ArchiveFixture.bytes("zeros.tgz").count
    #expect(last == (size, size))
  }

  @Test func theWorkCanBeStopped() throws {
    let scratch = try ScratchFolder()
    let unpacker = ArchiveUnpacker(checkpoint: { throw CancellationError() })
    #expect(throws: CancellationError.self) {
      try unpacker.unpack(ArchiveFixture.path("ustar.tgz"), into: scratch.path)
    }
  }
}

extension ArchiveUnpacker {
  /// With another ratio.
  fileprivate func unpack(_ archive: BytePath, into folder: BytePath, limits maxRatio: Int) throws -> Contents {
    var copy = self
    copy.limits.maxRatio = maxRatio
    return try copy.unpack(archive, into: folder)
  }
}
