// What the head of an answer means: go on at the end, start over, follow, wait, or give up (RFC 9110).

import Files
import Foundation
import NIOHTTP1

/// What is to be done after the head of an answer.
enum AnswerReading: Equatable {
  /// The body goes on where the file ends.
  case append(total: Int?)
  /// The body is the whole file.
  case startOver(ResumeState)
  /// The file is whole already.
  case complete
  /// The file is of no use; ask again without it.
  case discard

  /// Reads the head of the answer to a request for `url`.
  ///
  /// - Parameters:
  ///   - head: Status and headers.
  ///   - url: The address that was asked, which may come from a redirect.
  ///   - origin: The address that the user gave.
  ///   - present: The bytes there are; 0 where the request was for the whole file.
  ///   - state: What is known of them.
  static func read(
    _ head: HTTPResponseHead, url: URL, origin: String, present: Int, state: ResumeState?
  ) throws -> AnswerReading {
    let shown = url.absoluteString
    switch head.status.code {
    case 200: return .startOver(ResumeState(url: origin, validator: validator(of: head), total: length(of: head)))
    case 206:
      guard present > 0, let text = head.headers.first(name: "Content-Range"), let range = ContentRange(text),
        range.first == present
      else { throw DownloadError.refused(url: shown, reason: "the server sent another range than requested") }
      // Another version that slipped past If-Range.
      let isSame = validator(of: head).map { $0 == state?.validator } ?? true
      guard isSame, range.total == nil || state?.total == nil || range.total == state?.total else { return .discard }
      return .append(total: range.total ?? state?.total)
    case 416:
      guard present > 0 else { throw DownloadError.status(url: shown, code: 416) }
      let total = head.headers.first(name: "Content-Range").flatMap { ContentRange($0) }?.total
      return total == present && state?.total == total ? .complete : .discard
    case 301, 302, 303, 307, 308: throw try redirection(head, from: url)
    case 408, 425, 429, 500, 502, 503, 504:
      let seconds = head.headers.first(name: "Retry-After").flatMap { ContentRange.number($0) }
      // A path's description has no control characters, whatever a server puts into its words.
      let phrase = BytePath(head.status.reasonPhrase).description
      throw TransferFault(
        reason: "the server answered \(head.status.code) (\(phrase))", retryAfter: seconds.map(Double.init))
    default: throw DownloadError.status(url: shown, code: Int(head.status.code))
    }
  }

  /// A strong entity tag, else the time of the last change.
  private static func validator(of head: HTTPResponseHead) -> String? {
    if let tag = head.headers.first(name: "ETag"), tag.hasPrefix("\""), tag.utf8.count <= 1024 { return tag }
    return head.headers.first(name: "Last-Modified").flatMap { $0.utf8.count <= 64 ? $0 : nil }
  }

  private static func length(of head: HTTPResponseHead) -> Int? {
    head.headers.first(name: "Content-Length").flatMap { ContentRange.number($0) }
  }

  private static func redirection(_ head: HTTPResponseHead, from url: URL) throws -> Redirection {
    let shown = url.absoluteString
    guard let location = head.headers.first(name: "Location"), let target = URL(string: location, relativeTo: url)
    else {
      throw DownloadError.redirect(url: shown, reason: "the server does not say where")
    }
    guard let scheme = target.scheme?.lowercased(), ["http", "https"].contains(scheme), target.host?.isEmpty == false
    else {
      throw DownloadError.redirect(url: shown, reason: "to '\(BytePath(location))', which is no address of the web")
    }
    guard !(url.scheme?.lowercased() == "https" && scheme == "http") else {
      throw DownloadError.redirect(url: shown, reason: "from https to plain http, to '\(BytePath(location))'")
    }
    return Redirection(target: target.absoluteURL)
  }
}

// The header `Content-Range: bytes FIRST-LAST/TOTAL` (RFC 9110, 14.4), or `bytes */TOTAL` of an answer 416.

/// Which part of a file an answer holds.
struct ContentRange: Equatable {
  /// The first byte; nil in an answer without one.
  var first: Int?
  /// The size of the whole file; nil where the server does not tell.
  var total: Int?

  /// Parses the header's value; nil where it is malformed or contradicts itself.
  init?(_ value: String) {
    let text = value.lowercased().drop { $0 == " " }
    guard text.hasPrefix("bytes ") else { return nil }
    let parts = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    if parts[1] != "*" {
      guard let total = Self.number(parts[1]) else { return nil }
      self.total = total
    }
    guard parts[0] != "*" else { return }
    let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]), first <= last,
      total.map({ last < $0 }) ?? true
    else { return nil }
    self.first = first
  }

  /// One to eighteen digits.
  static func number(_ text: some StringProtocol) -> Int? {
    guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int(text)
  }
}
