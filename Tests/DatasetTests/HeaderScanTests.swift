import Augment
import DataTestSupport
import Testing

@testable import Dataset

struct HeaderScanTests {
  /// Counts what is read.
  private struct CountingSource: SampleSource {
    final class Counts: @unchecked Sendable {
      let condition = Condition()
      var numWhole = 0
    }
    let inner: ImageFolder
    let counts = Counts()
    var classes: [String] { inner.classes }
    var count: Int { inner.count }
    var fingerprint: UInt64 { inner.fingerprint }
    func label(at index: Int) -> Int { inner.label(at: index) }
    func name(at index: Int) -> String { inner.name(at: index) }
    func claimedExtension(at index: Int) -> String { inner.claimedExtension(at: index) }
    func read(at index: Int, limit: Int) throws -> [UInt8] {
      counts.condition.withLock { counts.numWhole += 1 }
      return try inner.read(at: index, limit: limit)
    }
    func readEnds(at index: Int, head: Int, tail: Int) throws -> (bytes: [UInt8], fileSize: Int) {
      try inner.readEnds(at: index, head: head, tail: tail)
    }
  }

  @Test(arguments: [1, 4, 100]) func findsWhatIsBadAndWhatIsMisnamed(numThreads: Int) throws {
    let fixture = try LoaderFixture(numSamples: 30)
    try fixture.overwrite(4, with: [])
    try fixture.overwrite(10, with: Array(try fixture.bytes(12).dropLast(20)))
    try fixture.overwrite(9, with: Array("<html>".utf8))
    try fixture.overwrite(6, with: try fixture.bytes(7))
    let scan = try HeaderScan(try fixture.folder(), numThreads: numThreads)
    #expect(scan.numSamples == 30)
    #expect(scan.bad.map(\.sampleIndex) == scan.bad.map(\.sampleIndex).sorted())
    #expect(Set(scan.bad.map(\.path)) == Set([4, 9, 10].map(LoaderFixture.name)))
    #expect(scan.mismatches.map(\.path) == [LoaderFixture.name(6)])
    #expect(scan.mismatches.map(\.format) == [.png])
  }

  @Test func readsTheEndsOfMostAndAllOfFew() throws {
    let scratch = try ScratchFolder()
    let photo = try JPEGEncoder(quality: 95).encode(LoaderFixture.image(0, width: 400, height: 300))
    #expect(photo.count > HeaderScan.headBytes + HeaderScan.tailBytes + 1000)
    try scratch.write(photo, "set/a/1.jpg")
    // A header of 200 kB, as cameras and editors write them.
    let segment: [UInt8] = [0xFF, 0xE2, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 0xFFFD)
    let long = Array(photo[..<2]) + segment + segment + segment + Array(photo[2...])
    try scratch.write(long, "set/a/2.jpg")
    try scratch.write(try PNGEncoder().encode(LoaderFixture.image(0, width: 150, height: 150)), "set/a/3.png")
    try scratch.write(Array(photo.dropLast(5000)), "set/a/4.jpg")
    let source = CountingSource(inner: try ImageFolder(root: scratch.path.appending("set")))
    let scan = try HeaderScan(source, numThreads: 2)
    #expect(scan.bad.map(\.path) == ["a/4.jpg"])
    #expect(source.counts.numWhole == 3)
    #expect(
      try HeaderScan(source, fileByteLimit: photo.count, numThreads: 1).bad.map(\.path) == [
        "a/2.jpg", "a/4.jpg",
      ])
    var decoder = ImageDecoder()
    decoder.maxPixels = 50_000
    #expect(
      try HeaderScan(source, decoder: decoder, numThreads: 1).bad.map(\.path) == ["a/1.jpg", "a/2.jpg", "a/4.jpg"])
  }

  @Test func stopsARunBeforeItsFirstStep() throws {
    let fixture = try LoaderFixture(numSamples: 100)
    try fixture.overwrite(4, with: [])
    let loader = try fixture.loader { $0.maxBadFraction = 0.01 }
    #expect(try loader.scanHeaders(numThreads: 2).bad.count == 1)
    #expect(loader.badSamples.count == 1)
    // What the scan found is left out without being counted again.
    #expect(try loader.record(numEpochs: 1).map(\.sampleIndices.count).reduce(0, +) == 99)
    #expect(loader.badSamples.count == 1)

    try fixture.overwrite(5, with: [])
    let tooMany = try fixture.loader { $0.maxBadFraction = 0.01 }
    #expect(throws: DataLoaderError.self) { try tooMany.scanHeaders(numThreads: 2) }
    #expect(tooMany.badSamples.count == 2)
    let strict = try fixture.loader { $0.onError = .stop }
    #expect {
      try strict.scanHeaders(numThreads: 2)
    } throws: { error in
      "\(error)".contains(LoaderFixture.name(4)) || "\(error)".contains(LoaderFixture.name(5))
    }
  }
}
