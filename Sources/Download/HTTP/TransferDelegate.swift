// Takes the answer to one request and writes its body into the partial file, on the event loop's own thread. The next
// part of the body is asked for when the last one is written, so that memory stays flat.

import AsyncHTTPClient
import Dataset
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// The receiving end of one request. The event loop alone touches it, but for the count of bytes.
final class TransferDelegate: HTTPClientResponseDelegate, @unchecked Sendable {
  /// How the request ended.
  enum Outcome: Sendable {
    /// The file is whole, as far as the server tells.
    case complete
    /// What was there is of no use; ask again.
    case again
  }

  /// The head of the answer said all there is to know.
  private struct Early: Error { let outcome: Outcome }

  private let url: URL
  private let origin: String
  private let file: PartialFile
  private let expectation: DownloadExpectation
  private let report: @Sendable (DownloadEvent) -> Void
  private var total: Int?
  /// Bytes of body so far, for whoever watches that some come.
  let numReceived = Atomic<Int>(0)

  init(
    url: URL, origin: String, file: PartialFile, expectation: DownloadExpectation,
    report: @escaping @Sendable (DownloadEvent) -> Void
  ) {
    self.url = url
    self.origin = origin
    self.file = file
    self.expectation = expectation
    self.report = report
  }

  func didReceiveHead(task: HTTPClient.Task<Outcome>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
    task.eventLoop.makeCompletedFuture { try receive(head) }
  }

  func didReceiveBodyPart(task: HTTPClient.Task<Outcome>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
    task.eventLoop.makeCompletedFuture {
      let limit = total ?? expectation.maximumSize
      guard buffer.readableBytes <= limit - file.size else {
        throw DownloadError.tooLarge(url: url.absoluteString, limit: limit)
      }
      try buffer.withUnsafeReadableBytes { try file.append($0) }
      numReceived.wrappingAdd(buffer.readableBytes, ordering: .relaxed)
      report(.received(file.size))
    }
  }

  func didFinishRequest(task: HTTPClient.Task<Outcome>) throws -> Outcome {
    if let total, file.size < total { throw TransferFault(reason: "the connection broke off") }
    return .complete
  }

  /// The outcome that an error stands for, where the head was enough.
  static func outcome(of error: any Error) -> Outcome? { (error as? Early)?.outcome }

  private func receive(_ head: HTTPResponseHead) throws {
    switch try AnswerReading.read(head, url: url, origin: origin, present: file.size, state: file.state) {
    case .complete: throw Early(outcome: .complete)
    case .discard:
      try file.restart(ResumeState(url: origin))
      throw Early(outcome: .again)
    case .append(let total): try begin(total)
    case .startOver(let state):
      if file.size > 0 { report(.note("the server sends the file from its beginning; what was kept is dropped")) }
      try checkTotal(state.total)
      try file.restart(state)
      try begin(state.total)
    }
  }

  private func begin(_ total: Int?) throws {
    try checkTotal(total)
    self.total = total
    report(.receiving(present: file.size, total: total ?? expectation.size))
  }

  /// Refuses a wrong file before its first byte.
  private func checkTotal(_ total: Int?) throws {
    guard let total else { return }
    if let size = expectation.size, total != size {
      throw DownloadError.wrongSize(source: url.absoluteString, size: total, expected: size)
    }
    guard total <= expectation.maximumSize else {
      throw DownloadError.tooLarge(url: url.absoluteString, limit: expectation.maximumSize)
    }
  }
}
