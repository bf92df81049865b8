import Dataset
import Foundation
import NIOHTTP1
import Testing

@testable import Download

/// Servers that fail, lie or never end.
struct DownloadFailureTests {
  typealias Attempt = DownloaderTests.Attempt
  private static let content = DownloaderTests.content

  @Test(arguments: [401, 403, 404, 410]) func whatIsNotThereIsNotAskedForTwice(code: Int) throws {
    let attempt = try Attempt { _, _ in Reply(status: HTTPResponseStatus(statusCode: code), body: Array("gone".utf8)) }
    #expect(try attempt.error() == .status(url: attempt.server.url(), code: code))
    #expect(attempt.server.heads.count == 1)
    #expect(try attempt.scratch.bytes("set.part").isEmpty)
  }

  @Test(arguments: [408, 429, 500, 502, 503, 504]) func aPassingFailurePasses(code: Int) throws {
    let attempt = try Attempt { head, number in
      number < 2
        ? Reply(status: HTTPResponseStatus(statusCode: code), headers: [("Retry-After", "999999999999")])
        : ServedFile(bytes: Self.content).reply(to: head)
    }
    try attempt.fetch()
    #expect(attempt.isRight)
    #expect(attempt.server.heads.count == 3)
    // The server's wish is granted within limits.
    #expect(attempt.events.all.contains { if case .note(let text) = $0 { text.contains("\(code)") } else { false } })
  }

  @Test func aLastingFailureIsGivenUp() throws {
    let attempt = try Attempt { _, _ in Reply(status: .internalServerError) }
    guard case .gaveUp(_, let reason, 0, _) = try attempt.error() else { return #expect(Bool(false)) }
    #expect(reason.contains("500"))
    #expect(attempt.server.heads.count == 3)
  }

  @Test func redirectsAreFollowedSoFar() throws {
    let attempt = try Attempt { head, _ in
      guard let number = Int(head.uri.dropFirst(4)) else { return ServedFile(bytes: Self.content).reply(to: head) }
      return Reply(status: .found, headers: [("Location", number == 0 ? "/set.tgz" : "hop\(number - 1)")])
    }
    try attempt.fetch(attempt.server.url("/hop3"))
    #expect(attempt.isRight)
    #expect(attempt.server.heads.map(\.uri) == ["/hop3", "/hop2", "/hop1", "/hop0", "/set.tgz"])
  }

  @Test func aRedirectLoopEnds() throws {
    let attempt = try Attempt { _, number in
      Reply(status: .movedPermanently, headers: [("Location", "/\(number)")])
    }
    guard case .redirect(_, let reason) = try attempt.error() else { return #expect(Bool(false)) }
    #expect(reason.contains("5 times"))
    #expect(attempt.server.heads.count == 6)
  }

  @Test func redirectsToElsewhereAreRefused() throws {
    for target in ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://", ""] {
      let attempt = try Attempt { _, _ in
        Reply(status: .seeOther, headers: target.isEmpty ? [] : [("Location", target)])
      }
      guard case .redirect = try attempt.error() else { return #expect(Bool(false)) }
      #expect(attempt.server.heads.count == 1)
    }
    // There is no TLS here, so the rule is asked itself.
    let head = HTTPResponseHead(version: .http1_1, status: .found, headers: ["Location": "http://b/x"])
    let secure = try #require(URL(string: "https://a/x"))
    let error = #expect(throws: DownloadError.self) {
      try AnswerReading.read(head, url: secure, origin: "https://a/x", present: 0, state: nil)
    }
    #expect("\(try #require(error))".contains("from https to plain http"))
    let plain = try #require(URL(string: "http://a/x"))
    #expect(throws: Redirection(target: try #require(URL(string: "http://b/x")))) {
      try AnswerReading.read(head, url: plain, origin: "http://a/x", present: 0, state: nil)
    }
  }

  @Test func silenceCountsAsBrokenOff() throws {
    // Silent before the head, then in mid-body, then trickling less than counts as progress.
    var attempt = try Attempt { head, number in
      var reply = ServedFile(bytes: Self.content).reply(to: head)
      if number < 2 { reply.stallAfter = number == 0 ? -1 : 200_000 }
      return reply
    }
    attempt.options.patience = 1.5
    try attempt.fetch()
    #expect(attempt.isRight)
    #expect(attempt.ranges == [nil, nil, "bytes=200000-"])
  }

  @Test func anEndlessSilenceIsGivenUp() throws {
    var attempt = try Attempt { _, _ in Reply(stallAfter: -1) }
    attempt.options.patience = 0.5
    guard case .gaveUp(_, let reason, 0, _) = try attempt.error() else { return #expect(Bool(false)) }
    #expect(reason.contains("sends nothing"))
    #expect(attempt.server.heads.count == 3)
  }

  @Test func anEndlessBodyIsCutOff() throws {
    let attempt = try Attempt { _, _ in Reply(body: [UInt8](repeating: 7, count: 50_000), isEndless: true) }
    #expect(try attempt.error(nil, DownloaderTests.unknown) == .tooLarge(url: attempt.server.url(), limit: 1 << 20))
    #expect(try attempt.scratch.bytes("set.part").count <= 1 << 20)
  }

  @Test func aWrongSizeIsRefusedBeforeItComes() throws {
    let attempt = try Attempt { head, _ in ServedFile(bytes: Array(Self.content.dropLast())).reply(to: head) }
    let error = try attempt.error()
    #expect(error == .wrongSize(source: attempt.server.url(), size: 299_999, expected: 300_000))
    #expect(try attempt.scratch.bytes("set.part").isEmpty)
    let large = try Attempt { _, _ in Reply(length: 1 << 21, stallAfter: 0) }
    #expect(try large.error(nil, DownloaderTests.unknown) == .tooLarge(url: large.server.url(), limit: 1 << 20))
    // Without a length the truth shows at the end.
    let hidden = try Attempt { _, _ in Reply(body: Array(Self.content.dropLast()), length: .some(nil)) }
    #expect(try hidden.error() == .wrongSize(source: hidden.server.url(), size: 299_999, expected: 300_000))
  }

  @Test func aWrongChecksumIsDropped() throws {
    let attempt = try Attempt { head, _ in
      var bytes = Self.content
      bytes[150_000] ^= 1
      return ServedFile(bytes: bytes).reply(to: head)
    }
    guard case .wrongChecksum(_, let found, let expected) = try attempt.error() else { return #expect(Bool(false)) }
    #expect(expected == DownloaderTests.checksum && found != expected)
    #expect(!attempt.scratch.exists("set.part") && !attempt.scratch.exists("set.part.json"))
  }

  @Test func aFileWithoutLengthOrTagComes() throws {
    let attempt = try Attempt { _, _ in Reply(body: Self.content, length: .some(nil)) }
    try attempt.fetch()
    #expect(attempt.isRight)
  }

  @Test func aWrongRangeIsRefused() throws {
    for range in ["bytes 0-9/300000", "bytes 60000-10/300000", "nonsense", "bytes 50000-299999"] {
      let attempt = try Attempt { head, number in
        var reply = ServedFile(bytes: Self.content).reply(to: head)
        if number == 0 {
          reply.cutAfter = 50_000
        } else {
          reply.headers = [("ETag", "\"one\""), ("Content-Range", range)]
        }
        return reply
      }
      guard case .refused(_, let reason) = try attempt.error() else { return #expect(Bool(false)) }
      #expect(reason.contains("another range"))
    }
  }

  @Test func aPartOfUnknownTotalIsTaken() throws {
    let attempt = try Attempt { head, number in
      var reply = ServedFile(bytes: Self.content).reply(to: head)
      if number == 0 { reply.cutAfter = 50_000 } else { reply.headers = [("Content-Range", "bytes 50000-299999/*")] }
      return reply
    }
    try attempt.fetch()
    #expect(attempt.isRight)
  }

  @Test func nobodyListening() throws {
    let attempt = try Attempt { _, _ in Reply() }
    let port = try LoopbackServer { _, _ in Reply() }.port
    guard case .gaveUp(_, let reason, 0, _) = try attempt.error("http://127.0.0.1:\(port)/x") else {
      return #expect(Bool(false))
    }
    #expect(reason.contains("Connection refused"))
    guard case .gaveUp(_, let name, 0, _) = try attempt.error("http://no-such-host.invalid/x") else {
      return #expect(Bool(false))
    }
    #expect(name.contains("no-such-host.invalid"))
  }

  @Test func onlyPlainFilesAreWrittenTo() throws {
    let attempt = try Attempt { head, _ in ServedFile(bytes: Self.content).reply(to: head) }
    let target = try attempt.scratch.write([1], "target")
    #expect(target.withCString { from in attempt.scratch("set.part").withCString { symlink(from, $0) } } == 0)
    #expect(throws: FileError.self) { try attempt.fetch() }
    #expect(try attempt.scratch.bytes("target") == [1])
    #expect(attempt.server.heads.isEmpty)
  }
}
