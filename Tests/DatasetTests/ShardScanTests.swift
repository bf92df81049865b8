import DataTestSupport
import Testing

@testable import Dataset

struct ShardScanTests {
  @Test func shardsAreScannedLikeTheirFolder() throws {
    let fixture = try ShardFixture()
    try fixture.pack()
    var options = DatasetScan.Options()
    options.minSide = 1
    let packed = try DatasetScan(folder: fixture.out, options: options)
    let folder = try DatasetScan(folder: fixture.raw, options: options)
    #expect(packed.findings.isEmpty && folder.findings.isEmpty)
    #expect(packed.numSamples == 27)
    #expect(packed.balance == folder.balance)
    #expect(packed.sizes.width == folder.sizes.width)
    options.numThreads = 7
    #expect(try DatasetScan(folder: fixture.out, options: options).value == packed.value)
  }

  /// A leaked image is found by its record; nothing of it can be moved.
  @Test func leaksAreFoundInShards() throws {
    let fixture = try ShardFixture()
    let leaked = try FileReader.read(fixture.raw.appending("train/class1/101.jpg"))
    try fixture.scratch.write(leaked, "raw/validation/class1/leak.jpg")
    try fixture.pack()
    let scan = try DatasetScan(folder: fixture.out)
    let items = try #require(scan.findings.first { $0.kind == .inBothSplits }?.items)
    #expect(items.count == 1)
    let paths = try #require(items.first).samples.map(\.path)
    #expect(paths.count == 2 && paths[0].hasPrefix("train/") && paths[1].hasPrefix("validation/"))
    #expect(paths[0].contains("101.jpg") && paths[1].contains("leak.jpg"))
    #expect(throws: ScanError.notAFolder(fixture.out.description)) { try scan.quarantine(.unusableAndDuplicates) }
  }
}
