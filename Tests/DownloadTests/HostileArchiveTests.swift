import Dataset
import Foundation
import Testing

@testable import Download

/// Archives that want out of their folder, or to fill the disk.
struct HostileArchiveTests {
  /// Unpacks into `inside` of a folder that holds nothing else, and checks that nothing else came there.
  private func unpack(_ gzip: [UInt8], limits: ArchiveLimits = ArchiveLimits()) throws {
    let scratch = try ScratchFolder()
    let inside = try scratch.makeFolder("inside")
    defer { #expect(scratch.listing().allSatisfy { $0.hasPrefix("inside/") }) }
    _ = try ArchiveUnpacker(limits: limits).unpack(MemorySource(gzip), name: "evil.tgz", into: inside)
  }

  private func refusal(of gzip: [UInt8], limits: ArchiveLimits = ArchiveLimits()) throws -> ArchiveError {
    try #require(throws: ArchiveError.self) { try unpack(gzip, limits: limits) }
  }

  @Test(arguments: [
    ("/etc/passwd", "absolute"), ("../evil", "out of the folder"), ("a/../../evil", "out of the folder"),
    ("a/..", "out of the folder"), ("..", "out of the folder"), ("", "no name"),
    (String(repeating: "a/", count: 17) + "b", "16 folders deep"),
  ]) func pathsOutAreRefused(path: String, reason: String) throws {
    for type in ["0", "5"] as [Character] {
      var tar = TarBuilder()
      tar.add(path, type: type)
      let error = try refusal(of: tar.gzip)
      guard case .refused("evil.tgz", let entry, let why) = error else { return #expect(Bool(false), "\(error)") }
      #expect(entry == path)
      #expect(why.contains(reason))
      // The same path in an extended header.
      if !path.isEmpty {
        var pax = TarBuilder()
        pax.addPax([("path", path)])
        pax.add("harmless", type: type)
        #expect(try refusal(of: pax.gzip) == error)
        var gnu = TarBuilder()
        gnu.add("././@LongLink", Array(path.utf8) + [0], type: "L")
        gnu.add("harmless", type: type)
        #expect(try refusal(of: gnu.gzip) == error)
      }
    }
  }

  @Test(
    arguments: [
      ("1", "hard link"), ("2", "symbolic link"), ("3", "device"), ("4", "device"), ("6", "pipe"), ("S", "sparse"),
      ("V", "unknown type"), ("M", "unknown type"),
    ] as [(Character, String)]) func onlyFilesAndFoldersComeOut(type: Character, reason: String) throws
  {
    var tar = TarBuilder()
    tar.add("fine", [1])
    tar.add("door", type: type, link: "/etc")
    tar.add("door/passwd", [2])
    guard case .refused(_, "door", let why) = try refusal(of: tar.gzip) else { return #expect(Bool(false)) }
    #expect(why.contains(reason))
  }

  @Test func namesThatCannotBeAreRefused() throws {
    for (path, reason) in [("a\u{0}b", "zero byte"), (String(repeating: "n", count: 256), "255 bytes")] {
      var tar = TarBuilder()
      tar.addPax([("path", path)])
      tar.add("harmless")
      #expect("\(try refusal(of: tar.gzip))".contains(reason))
    }
    var long = TarBuilder()
    long.addPax([("path", String(repeating: "long/", count: 300))])
    long.add("harmless")
    #expect("\(try refusal(of: long.gzip))".contains("1024 bytes"))
  }

  @Test func aNameComesOnce() throws {
    for (first, second) in [("a", "a"), ("a/b", "a"), ("a", "a/b"), ("x/./a", "x//a")] {
      var tar = TarBuilder()
      tar.add(first, [1])
      tar.add(second, [2])
      guard case .refused(_, second, let reason) = try refusal(of: tar.gzip) else { return #expect(Bool(false)) }
      #expect(reason.contains("same name"))
    }
  }

  @Test func aBombIsStopped() throws {
    // 24 MB of zeros in 24 kB: a ratio of 1000.
    guard case .tooLarge(_, let reason) = try refusal(of: ArchiveFixture.bytes("zeros.tgz")) else {
      return #expect(Bool(false))
    }
    #expect(reason.contains("200 times"))
  }

  @Test func limitsHold() throws {
    var limits = ArchiveLimits()
    limits.maxTotalBytes = 1000
    var tar = TarBuilder()
    tar.add("a", [UInt8](repeating: 1, count: 600))
    tar.add("b", [UInt8](repeating: 1, count: 400))
    #expect(throws: Never.self) { try unpack(tar.gzip, limits: limits) }
    tar.add("c", [1])
    #expect("\(try refusal(of: tar.gzip, limits: limits))".contains("1000 bytes"))
    limits = ArchiveLimits()
    limits.maxEntries = 4
    #expect(throws: Never.self) { try unpack(tar.gzip, limits: limits) }
    limits.maxEntries = 3
    #expect("\(try refusal(of: tar.gzip, limits: limits))".contains("3 entries"))
    // The header alone is enough: the claim is refused before a byte is written.
    var claim = TarBuilder()
    claim.add("a", size: 0o77777777777)
    limits = ArchiveLimits()
    limits.maxTotalBytes = 1 << 30
    #expect("\(try refusal(of: claim.gzip, limits: limits))".contains("more than"))
    var header = TarBuilder()
    header.add("PaxHeader", [UInt8](repeating: 32, count: 70000), type: "x")
    #expect("\(try refusal(of: header.gzip))".contains("header of 70000 bytes"))
  }

  @Test func malformedHeadersAreCorrupt() throws {
    var cases: [String: TarBuilder] = [:]
    func add(_ reason: String, _ build: (inout TarBuilder) -> Void) {
      var tar = TarBuilder()
      build(&tar)
      cases[reason] = tar
    }
    add("wrong checksum") {
      $0.add("a", [1])
      $0.bytes[0] = UInt8(ascii: "b")
    }
    add("not a number") { $0.add("a", sizeField: Array("000000000x0\u{0}".utf8)) }
    add("size that is no") { $0.add("a", sizeField: [UInt8](repeating: 0xFF, count: 12)) }
    add("a size") { $0.add("a", sizeField: [0x80] + [UInt8](repeating: 0x7F, count: 11)) }
    add("no known kind") { $0.add("a") { $0[257] = UInt8(ascii: "w") } }
    add("zeros stands between") {
      $0.bytes = [UInt8](repeating: 0, count: 512)
      $0.add("a")
    }
    add("belongs to no entry") { $0.addPax([("path", "a")]) }
    add("extend the same") {
      $0.addPax([("path", "a")])
      $0.addPax([("path", "b")])
      $0.add("c")
    }
    add("global header") {
      $0.addPax([("path", "../a")], type: "g")
      $0.add("c")
    }
    for (reason, tar) in cases {
      guard case .corrupt(_, let why) = try refusal(of: tar.gzip) else { return #expect(Bool(false), "\(reason)") }
      #expect(why.contains(reason))
    }
  }

  @Test(arguments: [
    "x", "12", "8 path=a\n", "99 path=a\n", "10 path=a", "10 path a\n", "0 path=a\n", "-1 path=a\n", " path=a\n",
    "11 path=a\n\n ", "9223372036854775808 path=a\n", "11 size=-1\n", "12 size=1x\n", "8 size=\n",
  ]) func malformedRecordsAreCorrupt(body: String) throws {
    #expect(PaxRecords(Array(body.utf8)) == nil)
    var tar = TarBuilder()
    tar.add("PaxHeader", Array(body.utf8), type: "x")
    tar.add("a")
    #expect("\(try refusal(of: tar.gzip))".contains("extended header is malformed"))
  }

  @Test func sparseFilesAreRefused() throws {
    var tar = TarBuilder()
    tar.addPax([("GNU.sparse.major", "1"), ("GNU.sparse.name", "../x")])
    tar.add("a", [1])
    #expect("\(try refusal(of: tar.gzip))".contains("sparse"))
  }

  @Test func whatIsNoGzipIsNamed() throws {
    for (bytes, word) in [
      (Array("<!DOCTYPE html><html>".utf8), "'<!DOCTYPE html><html>'"), ([], "is empty"), ([0, 1, 2], "else"),
    ]
      as [([UInt8], String)]
    {
      let error = try refusal(of: bytes)
      #expect("\(error)".contains(word), "\(error)")
    }
  }

  @Test func everyCutIsNoticed() throws {
    var tar = TarBuilder()
    tar.add("a", (0..<700).map { UInt8(truncatingIfNeeded: $0) })
    let gzip = tar.gzip
    for count in stride(from: 1, to: gzip.count, by: 3) {
      let error = try refusal(of: Array(gzip.prefix(count)))
      #expect(error == .truncated(archive: "evil.tgz"), "\(count): \(error)")
    }
    // Gzip is whole, tar is not.
    for count in [0, 1, 511, 512, 700, 1024, 1536] {
      #expect(try refusal(of: TarBuilder.gzip(Array(tar.bytes.prefix(count)))) == .truncated(archive: "evil.tgz"))
    }
    #expect("\(try refusal(of: gzip + [0, 0, 7]))".contains("follow"))
  }

  @Test func everyBitCounts() throws {
    var tar = TarBuilder()
    tar.add("photos/", type: "5")
    tar.addPax([("path", "photos/a")])
    tar.add("x", (0..<100).map { UInt8($0) })
    // Compressed by the checksum alone: a flipped bit anywhere in the data is found, wherever it is found.
    let gzip = tar.gzip
    for bit in stride(from: 0, to: gzip.count * 8, by: 23) {
      // The header's time, flags for people and system say nothing about the data.
      if (4..<10).contains(bit / 8) || bit == 3 * 8 { continue }
      var flipped = gzip
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: ArchiveError.self, "bit \(bit)") { try unpack(flipped) }
    }
  }

  @Test func flippedTarIsNeverOutOfItsFolder() throws {
    var tar = TarBuilder()
    tar.add("./", type: "5")
    tar.addPax([("path", "photos/long"), ("size", "3")])
    tar.add("x", [1, 2, 3])
    tar.add("././@LongLink", Array("photos/other\u{0}".utf8), type: "L")
    tar.add("y", [4])
    let plain = tar.archive
    for bit in stride(from: 0, to: tar.bytes.count * 8, by: 29) {
      var flipped = plain
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      // The checksum of gzip is right, that of the header made right: all else is for the reader to notice.
      let block = bit / 8 / 512 * 512
      if flipped[block + 257] == UInt8(ascii: "u") {
        for index in 148..<156 { flipped[block + index] = 32 }
        let sum = String(flipped[block..<block + 512].reduce(0) { $0 + Int($1) }, radix: 8)
        let field = Array((String(repeating: "0", count: 6 - sum.count) + sum + "\u{0}").utf8)
        flipped.replaceSubrange(block + 148..<block + 155, with: field)
      }
      do { try unpack(TarBuilder.gzip(flipped)) } catch is ArchiveError {}
    }
  }
}
