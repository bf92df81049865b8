import Augment
import Dataset
import Foundation
import NIOHTTP1
import Testing

@testable import Download

/// From the server to the folder.
struct DatasetDownloadTests {
  private static let archive: [UInt8] = {
    var tar = TarBuilder()
    tar.add("photos/", type: "5")
    tar.add("photos/LICENSE.txt", Array("free".utf8))
    for name in ["daisy", "roses"] { tar.add("photos/\(name)/1.jpg", [UInt8](repeating: 5, count: 100_000)) }
    return tar.gzip
  }()
  private static let files = ["LICENSE.txt", "daisy/", "daisy/1.jpg", "roses/", "roses/1.jpg"]

  private func download(
    _ source: DownloadSource, expecting: DownloadExpectation = DownloadExpectation(maximumSize: 1 << 22),
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) -> DatasetDownload {
    var options = DownloadOptions()
    options.numAttempts = 2
    options.firstDelay = 0.01
    options.environment = [:]
    return DatasetDownload(
      from: source, expecting: expecting, contents: .imageFolder,
      downloader: Downloader(options: options, shouldStop: shouldStop))
  }

  private func web(_ server: LoopbackServer) throws -> DownloadSource { try DownloadSource(parsing: server.url()) }

  @Test func theSetAppearsWhole() throws {
    let scratch = try ScratchFolder()
    let server = try LoopbackServer { head, _ in ServedFile(bytes: Self.archive).reply(to: head) }
    try download(web(server)).run(to: scratch("new/flowers"))
    #expect(scratch.listing("new/flowers") == Self.files)
    #expect(scratch.listing("new").filter { !$0.hasPrefix("flowers") } == [])
    #expect(!scratch.exists("new/flowers.part") && !scratch.exists("new/flowers.part.json"))
    // An empty folder is as good as none, a full one is not touched.
    _ = try scratch.makeFolder("empty")
    try download(web(server)).run(to: scratch("empty"))
    #expect(scratch.listing("empty") == Self.files)
    #expect(throws: DownloadError.outputNotEmpty(scratch("empty").description)) {
      try download(web(server)).run(to: scratch("empty"))
    }
    let file = try scratch.write([1], "file")
    #expect(throws: DownloadError.outputNotAFolder(file.description)) { try download(web(server)).run(to: file) }
    #expect(server.heads.count == 2)
  }

  @Test func aFileOfThisMachineIsTakenAndStays() throws {
    let scratch = try ScratchFolder()
    let path = try scratch.write(Self.archive, "mine.tgz")
    for text in [path.description, "file://\(path)"] {
      let out = scratch("out-\(text.count)")
      try download(DownloadSource(parsing: text)).run(to: out)
      #expect(scratch.listing(out.lastComponent.description) == Self.files)
    }
    #expect(try scratch.bytes("mine.tgz") == Self.archive)
    let expectation = DownloadExpectation(checksum: DownloaderTests.checksum, maximumSize: 1 << 22)
    let error = #expect(throws: DownloadError.self) {
      try download(.file(path), expecting: expectation).run(to: scratch("wrong"))
    }
    #expect("\(try #require(error))".contains("mine.tgz"))
    #expect(throws: FileError.self) { try download(.file(scratch("none"))).run(to: scratch("wrong")) }
    #expect(!scratch.exists("wrong") && !scratch.exists("wrong.part"))
  }

  @Test func aCutArchiveGoesOnInTheNextCommand() throws {
    let scratch = try ScratchFolder()
    let server = try LoopbackServer { head, number in
      var reply = ServedFile(bytes: Self.archive).reply(to: head)
      if number < 2 { reply.cutAfter = number == 0 ? 60_000 : 0 }
      return reply
    }
    #expect(throws: DownloadError.self) { try download(web(server)).run(to: scratch("flowers")) }
    #expect(scratch.listing() == ["flowers.part", "flowers.part.json"])
    try download(web(server)).run(to: scratch("flowers"))
    #expect(server.heads.last?.headers.first(name: "Range") == "bytes=60000-")
    #expect(scratch.listing().allSatisfy { $0.hasPrefix("flowers/") })
    #expect(scratch.listing("flowers") == Self.files)
  }

  @Test func aBadArchiveLeavesNothing() throws {
    var evil = TarBuilder()
    evil.add("fine.txt", [1])
    evil.add("../evil.txt", [1])
    for bytes in [evil.gzip, Array(Self.archive.dropLast(9)), Array("<html>login</html>".utf8)] {
      let scratch = try ScratchFolder()
      let server = try LoopbackServer { head, _ in ServedFile(bytes: bytes).reply(to: head) }
      #expect(throws: ArchiveError.self) { try download(web(server)).run(to: scratch("set/out")) }
      #expect(scratch.listing() == ["set/"])
    }
  }

  @Test func aStopWhileUnpackingKeepsTheArchive() throws {
    let scratch = try ScratchFolder()
    let server = try LoopbackServer { head, _ in ServedFile(bytes: Self.archive).reply(to: head) }
    let staging = scratch(".flowers.unpacking").description
    let stop: @Sendable () -> Bool = { FileManager.default.fileExists(atPath: staging) }
    let kept = Self.archive.count
    #expect(throws: DownloadError.stopped(kept: kept, partial: scratch("flowers.part").description)) {
      try download(web(server), shouldStop: stop).run(to: scratch("flowers"))
    }
    #expect(scratch.listing() == ["flowers.part", "flowers.part.json"])
    // What a killed process left goes away, and what came needs no network.
    _ = try scratch.makeFolder(".flowers.unpacking/archive/old")
    try download(web(server)).run(to: scratch("flowers"))
    #expect(scratch.listing("flowers") == Self.files)
    #expect(server.heads.count == 1)
    #expect(!scratch.exists(".flowers.unpacking"))
  }

  @Test func twoAtOnceDoNotMix() throws {
    let scratch = try ScratchFolder()
    let server = try LoopbackServer { head, _ in ServedFile(bytes: Self.archive).reply(to: head) }
    let other = try PartialFile(scratch("flowers.part"))
    #expect(throws: DownloadError.inUse(scratch("flowers.part").description)) {
      try download(web(server)).run(to: scratch("flowers"))
    }
    withExtendedLifetime(other) {}
  }

  @Test func cifarBecomesAnImageFolder() throws {
    var tar = TarBuilder()
    let names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    tar.add("cifar-10-batches-bin/batches.meta.txt", Array((names.joined(separator: "\n") + "\n\n").utf8))
    for (number, batch) in ((1...5).map { "data_batch_\($0)" } + ["test_batch"]).enumerated() {
      let record = [UInt8(number)] + (0..<3072).map { UInt8(truncatingIfNeeded: $0 / 12 + number) }
      tar.add("cifar-10-batches-bin/\(batch).bin", record)
    }
    let scratch = try ScratchFolder()
    var download = try download(.file(scratch.write(tar.gzip, "cifar.tgz")))
    download.contents = .cifarBinary
    try download.run(to: scratch("cifar"))
    #expect(
      try ImageFolder(root: scratch("cifar/train"), classes: names).numSamplesPerClass == [
        1, 1, 1, 1, 1, 0, 0, 0, 0, 0,
      ])
    let image = try ImageDecoder().decode(scratch.bytes("cifar/validation/dog/test_batch-00000.png"))
    #expect(image.pixels[0..<3] == [5, 90, 175])
    // Photos are no CIFAR.
    download.source = .file(try scratch.write(Self.archive, "photos.tgz"))
    #expect(throws: CIFARError.self) { try download.run(to: scratch("photos")) }
    #expect(!scratch.exists("photos") && !scratch.exists(".photos.unpacking"))
  }

  @Test(arguments: [
    "", "ftp://a/b", "http://", "https:///b", "file://elsewhere/b", "http://me:secret@a/b", "http://me@a/b",
    "http://a b/",
    "://", "data://x",
  ]) func addressesThatAreNoneAreRefused(text: String) throws {
    let error = #expect(throws: DownloadError.self) { try DownloadSource(parsing: text) }
    guard case .badURL = error else { return #expect(Bool(false)) }
    #expect(!"\(try #require(error))".contains("secret"))
  }
}
