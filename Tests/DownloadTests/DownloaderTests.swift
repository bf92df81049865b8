import Dataset
import Foundation
import NIOHTTP1
import Synchronization
import Testing

@testable import Download

/// Downloads from a real server on this machine.
struct DownloaderTests {
  static let content: [UInt8] = {
    var state: UInt32 = 1
    return (0..<300_000).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
  }()

  static let checksum: Checksum = {
    var hash = SHA256()
    hash.update(content)
    return Checksum(digest: hash.digest())
  }()

  static let known = DownloadExpectation(size: content.count, checksum: checksum, maximumSize: content.count)
  static let unknown = DownloadExpectation(maximumSize: 1 << 20)

  /// A download into `scratch/set.part`, with no patience to speak of.
  struct Attempt {
    let scratch: ScratchFolder
    let server: LoopbackServer
    var options = DownloadOptions()
    let events = Events()
    var shouldStop: @Sendable () -> Bool = { false }

    final class Events: Sendable {
      let list = Mutex<[DownloadEvent]>([])
      var all: [DownloadEvent] { list.withLock { $0 } }
    }

    init(_ answer: @escaping @Sendable (HTTPRequestHead, Int) -> Reply) throws {
      scratch = try ScratchFolder()
      server = try LoopbackServer(answer)
      options.numAttempts = 3
      options.firstDelay = 0.01
      options.maximumDelay = 0.05
      options.patience = 20
      options.environment = [:]
    }

    func fetch(_ url: String? = nil, _ expectation: DownloadExpectation = known) throws {
      let file = try PartialFile(scratch("set.part"))
      let downloader = Downloader(options: options, shouldStop: shouldStop) { [events] event in
        events.list.withLock { $0.append(event) }
      }
      try downloader.fetch(URL(string: url ?? server.url())!, into: file, expecting: expectation)
    }

    func error(_ url: String? = nil, _ expectation: DownloadExpectation = known) throws -> DownloadError {
      try #require(throws: DownloadError.self) { try fetch(url, expectation) }
    }

    var isRight: Bool { (try? scratch.bytes("set.part")) == content }
    var ranges: [String?] { server.heads.map { $0.headers.first(name: "Range") } }
  }

  @Test func aWholeFileComes() throws {
    let attempt = try Attempt { head, _ in ServedFile(bytes: Self.content).reply(to: head) }
    try attempt.fetch()
    #expect(attempt.isRight)
    #expect(attempt.events.all.first == .receiving(present: 0, total: 300_000))
    #expect(attempt.events.all.last == .received(300_000))
    let head = try #require(attempt.server.heads.first)
    #expect(head.method == .GET && head.uri == "/set.tgz")
    #expect(head.headers.first(name: "Accept-Encoding") == "identity")
    // What is whole is not asked for again.
    try attempt.fetch()
    #expect(attempt.server.heads.count == 1)
  }

  @Test func aCutIsGoneOnFrom() throws {
    let attempt = try Attempt { head, number in
      var reply = ServedFile(bytes: Self.content).reply(to: head)
      if number < 2 { reply.cutAfter = 70_000 }
      return reply
    }
    try attempt.fetch()
    #expect(attempt.isRight)
    #expect(attempt.ranges == [nil, "bytes=70000-", "bytes=140000-"])
    #expect(attempt.server.heads[1].headers.first(name: "If-Range") == "\"one\"")
    #expect(attempt.events.all.contains(.note("the connection broke off; trying again in 1 s")))
  }

  @Test func anotherProcessGoesOn() throws {
    let attempt = try Attempt { head, number in
      var reply = ServedFile(bytes: Self.content, tag: nil, lastModified: "Sat, 21 Nov 2026 00:00:00 GMT").reply(
        to: head)
      if number < 3 { reply.cutAfter = number == 0 ? 1000 : 0 }
      return reply
    }
    guard case .gaveUp(_, let reason, 1000, let partial) = try attempt.error() else { return #expect(Bool(false)) }
    #expect(reason.contains("broke off"))
    #expect(partial.hasSuffix("/set.part"))
    #expect(try attempt.scratch.bytes("set.part") == Array(Self.content.prefix(1000)))
    try attempt.fetch()
    #expect(attempt.isRight)
    #expect(attempt.ranges.last == "bytes=1000-")
    #expect(attempt.server.heads.last?.headers.first(name: "If-Range") == "Sat, 21 Nov 2026 00:00:00 GMT")
  }

  @Test func aServerWithoutRangesStartsOver() throws {
    let attempt = try Attempt { head, number in
      var reply = ServedFile(bytes: Self.content, takesRanges: false).reply(to: head)
      if number == 0 { reply.cutAfter = 100_000 }
      return reply
    }
    try attempt.fetch()
    #expect(attempt.isRight)
    #expect(attempt.ranges == [nil, "bytes=100000-"])
    #expect(attempt.events.all.contains { if case .note(let text) = $0 { text.contains("beginning") } else { false } })
  }

  @Test func anotherVersionIsNotMixedIn() throws {
    // The bytes before the cut are those of an older version.
    let old = Self.content.map { ~$0 }
    let attempt = try Attempt { head, number in
      guard number == 0 else { return ServedFile(bytes: Self.content, tag: "\"two\"").reply(to: head) }
      var reply = ServedFile(bytes: old).reply(to: head)
      reply.cutAfter = 90_000
      return reply
    }
    try attempt.fetch()
    #expect(attempt.isRight)
    // A server that ignores If-Range gives itself away by its tag.
    let careless = try Attempt { head, number in
      var head = head
      head.headers.remove(name: "If-Range")
      var reply = ServedFile(bytes: number == 0 ? old : Self.content, tag: number == 0 ? "\"one\"" : "\"two\"")
        .reply(to: head)
      if number == 0 { reply.cutAfter = 90_000 }
      return reply
    }
    try careless.fetch()
    #expect(careless.isRight)
    #expect(careless.ranges == [nil, "bytes=90000-", nil])
  }

  @Test func withoutAValidatorNothingIsGoneOnWith() throws {
    let attempt = try Attempt { head, number in
      var reply = ServedFile(bytes: Self.content, tag: "W/\"weak\"").reply(to: head)
      if number == 0 { reply.cutAfter = 100_000 }
      return reply
    }
    try attempt.fetch()
    #expect(attempt.isRight)
    #expect(attempt.ranges == [nil, nil])
  }

  @Test func aFileFromElsewhereIsNotGoneOnWith() throws {
    let attempt = try Attempt { head, _ in
      var reply = ServedFile(bytes: Self.content).reply(to: head)
      if head.uri == "/other" { reply.cutAfter = 1000 }
      return reply
    }
    _ = try attempt.error(attempt.server.url("/other"))
    try attempt.fetch()
    #expect(attempt.isRight)
    #expect(attempt.ranges.last == .some(nil))
  }

  @Test func aDamagedStateStartsOver() throws {
    for state in ["", "{", "{\"url\": 3}", "[]"] {
      let attempt = try Attempt { head, _ in ServedFile(bytes: Self.content).reply(to: head) }
      _ = try attempt.scratch.write([1, 2, 3], "set.part")
      _ = try attempt.scratch.write(Array(state.utf8), "set.part.json")
      try attempt.fetch()
      #expect(attempt.isRight)
    }
  }

  @Test func aPartLongerThanTheFileStartsOver() throws {
    let attempt = try Attempt { head, _ in ServedFile(bytes: Self.content).reply(to: head) }
    let file = try PartialFile(attempt.scratch("set.part"))
    try file.restart(ResumeState(url: attempt.server.url(), validator: "\"one\"", total: 300_000))
    try (Self.content + [1]).withUnsafeBytes { try file.append($0) }
    #expect(throws: DownloadError.inUse(attempt.scratch("set.part").description)) { try attempt.fetch() }
    withExtendedLifetime(file) {}
  }

  @Test func anAnswer416StartsOver() throws {
    let attempt = try Attempt { head, _ in ServedFile(bytes: Self.content).reply(to: head) }
    try {
      let file = try PartialFile(attempt.scratch("set.part"))
      try file.restart(ResumeState(url: attempt.server.url(), validator: "\"one\"", total: 300_000))
      try (Self.content + [1]).withUnsafeBytes { try file.append($0) }
    }()
    try attempt.fetch()
    #expect(attempt.isRight)
    #expect(attempt.ranges == ["bytes=300001-", nil])
  }

  @Test func aStopLeavesWhatCame() throws {
    let stop = Atomic<Bool>.Box()
    var attempt = try Attempt { head, number in
      var reply = ServedFile(bytes: Self.content).reply(to: head)
      if number == 0 { reply.stallAfter = 100_000 }
      return reply
    }
    let server = attempt.server
    let path = attempt.scratch("set.part").description
    attempt.shouldStop = {
      if !server.heads.isEmpty, (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) == 100_000 {
        stop.value.store(true, ordering: .relaxed)
      }
      return stop.value.load(ordering: .relaxed)
    }
    #expect(try attempt.error() == .stopped(kept: 100_000, partial: path))
    attempt.shouldStop = { false }
    try attempt.fetch()
    #expect(attempt.isRight)
    #expect(attempt.ranges == [nil, "bytes=100000-"])
  }
}

extension Atomic where Value == Bool {
  /// One that closures can share.
  final class Box: Sendable { let value = Atomic<Bool>(false) }
}
