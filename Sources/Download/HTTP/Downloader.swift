// Downloads one file over HTTP, in as many requests as it takes. The network has threads of its own; whoever calls
// waits, and looks a few times a second whether bytes still come and whether somebody wants to stop.

import AsyncHTTPClient
import Dataset
import Dispatch
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Downloads files.
public struct Downloader {
  private static let pollInterval = 0.05
  /// Fewer new bytes than this are no progress, so that no server can keep the client busy for ever.
  private static let progressBytes = 64 << 10

  /// How patient it is.
  public var options: DownloadOptions
  /// Asked often, by the thread that called; true ends the download.
  public var shouldStop: () -> Bool
  /// Told what happens, by several threads.
  public var report: @Sendable (DownloadEvent) -> Void

  /// A downloader.
  public init(
    options: DownloadOptions = DownloadOptions(), shouldStop: @escaping () -> Bool = { false },
    report: @escaping @Sendable (DownloadEvent) -> Void = { _ in }
  ) {
    self.options = options
    self.shouldStop = shouldStop
    self.report = report
  }

  /// Brings the file at `url` into `file`, going on where that ends, and checks its size and checksum; a file that
  /// fails the check is removed. Throws a `DownloadError` or a `FileError`.
  func fetch(_ url: URL, into file: PartialFile, expecting expectation: DownloadExpectation) throws {
    let isOfThis = file.state?.url == url.absoluteString
    let isWhole = isOfThis && file.size > 0 && file.size == file.state?.total
    if !isWhole {
      if !isOfThis || file.state?.validator == nil { try file.restart(ResumeState(url: url.absoluteString)) }
      let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
      defer { try? group.syncShutdownGracefully() }
      try retrying(url, file, expectation, group)
    }
    do {
      try FileCheck.check(file.path, named: url.absoluteString, expectation, checkpoint: { try checkStop(file) })
    } catch {
      if let error = error as? DownloadError, !error.isStop { file.remove() }
      throw error
    }
  }

  private func retrying(
    _ url: URL, _ file: PartialFile, _ expectation: DownloadExpectation, _ group: MultiThreadedEventLoopGroup
  ) throws {
    var (numFailures, best) = (0, file.size)
    while true {
      do { return try attempt(url, file, expectation, group) } catch let fault as TransferFault {
        // Measured against the best so far: a server without ranges may break off at the same place again and again.
        numFailures = file.size >= best + Self.progressBytes ? 1 : numFailures + 1
        best = max(best, file.size)
        guard numFailures < options.numAttempts else {
          throw DownloadError.gaveUp(
            url: url.absoluteString, reason: fault.reason, kept: file.size, partial: file.path.description)
        }
        let doubled = options.firstDelay * Double(1 << min(numFailures - 1, 16))
        let delay = min(max(doubled, fault.retryAfter ?? 0), options.maximumDelay)
        report(.note("\(fault.reason); trying again in \(Int(delay.rounded(.up))) s"))
        try pause(delay, file)
      }
    }
  }

  /// One request, and those that its redirects and useless answers lead to.
  private func attempt(
    _ origin: URL, _ file: PartialFile, _ expectation: DownloadExpectation, _ group: MultiThreadedEventLoopGroup
  ) throws {
    var (url, numHops) = (origin, 0)
    while true {
      do {
        switch try request(url, origin: origin, file, expectation, group) {
        case .complete: return
        case .again: url = origin
        }
      } catch let redirection as Redirection { url = redirection.target }
      numHops += 1
      guard numHops <= options.numRedirects else {
        throw DownloadError.redirect(url: origin.absoluteString, reason: "more than \(options.numRedirects) times")
      }
    }
  }

  private func request(
    _ url: URL, origin: URL, _ file: PartialFile, _ expectation: DownloadExpectation,
    _ group: MultiThreadedEventLoopGroup
  ) throws -> TransferDelegate.Outcome {
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.timeout.connect = .milliseconds(Int64(options.connectTimeout * 1000))
    configuration.httpVersion = .http1Only
    // Another try is this type's own decision.
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.proxy = try ProxySettings(options.environment).proxy(
      scheme: url.scheme?.lowercased() ?? "", host: url.host ?? "", port: url.port)
    var request: HTTPClient.Request
    do { request = try HTTPClient.Request(url: url.absoluteString) } catch {
      throw TransferFault.translating(error, url: url.absoluteString)
    }
    request.headers.add(name: "User-Agent", value: options.userAgent)
    request.headers.add(name: "Accept", value: "*/*")
    request.headers.add(name: "Accept-Encoding", value: "identity")
    if file.size > 0, let validator = file.state?.validator {
      request.headers.add(name: "Range", value: "bytes=\(file.size)-")
      request.headers.add(name: "If-Range", value: validator)
    } else if file.size > 0 {
      try file.restart(ResumeState(url: origin.absoluteString))
    }
    let client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
    defer { try? client.syncShutdown() }
    let delegate = TransferDelegate(
      url: url, origin: origin.absoluteString, file: file, expectation: expectation, report: report)
    return try wait(for: client.execute(request: request, delegate: delegate), delegate, file, url: url)
  }

  /// Waits for the end of a request, and ends it where nothing comes or somebody wants to stop.
  private func wait(
    for task: HTTPClient.Task<TransferDelegate.Outcome>, _ delegate: TransferDelegate, _ file: PartialFile, url: URL
  ) throws -> TransferDelegate.Outcome {
    let isDone = DispatchSemaphore(value: 0)
    task.futureResult.whenComplete { _ in isDone.signal() }
    var (seen, since) = (0, ContinuousClock.now)
    var end: (any Error)?
    while isDone.wait(timeout: .now() + Self.pollInterval) == .timedOut {
      guard end == nil else { continue }
      let numReceived = delegate.numReceived.load(ordering: .relaxed)
      if numReceived - seen >= options.minimumProgress { (seen, since) = (numReceived, .now) }
      if shouldStop() {
        end = CancellationError()
      } else if ContinuousClock.now - since > .seconds(options.patience) {
        end = TransferFault(reason: "the server sends nothing")
      }
      if end != nil { task.cancel() }
    }
    do { return try task.wait() } catch {
      if let outcome = TransferDelegate.outcome(of: error) { return outcome }
      if end is CancellationError { throw stopped(file) }
      throw end ?? TransferFault.translating(error, url: url.absoluteString)
    }
  }

  private func pause(_ seconds: Double, _ file: PartialFile) throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      try checkStop(file)
      Thread.sleep(forTimeInterval: min(Self.pollInterval, seconds))
    }
  }

  private func checkStop(_ file: PartialFile) throws { if shouldStop() { throw stopped(file) } }

  private func stopped(_ file: PartialFile) -> DownloadError {
    .stopped(kept: file.size, partial: file.path.description)
  }
}

/// How patient a download is.
public struct DownloadOptions: Sendable {
  /// How many requests in a row may fail without a byte of progress.
  public var numAttempts = 6
  /// Seconds before the second request; they double with each, up to `maximumDelay`.
  public var firstDelay = 1.0
  /// The longest pause between two requests in seconds, also where the server asks for more.
  public var maximumDelay = 60.0
  /// Seconds in which at least `minimumProgress` bytes must come.
  public var patience = 30.0
  /// A server that sends less within `patience` counts as broken off.
  public var minimumProgress = 1024
  /// Seconds until a connection must stand.
  public var connectTimeout = 15.0
  /// How many redirects are followed.
  public var numRedirects = 5
  /// Where proxies are looked up.
  public var environment = ProcessInfo.processInfo.environment
  /// What the server is told about who asks.
  public var userAgent = "vitrail"

  /// The defaults.
  public init() {}
}

/// What a download tells while it runs.
public enum DownloadEvent: Equatable, Sendable {
  /// Bytes begin to come; `present` of them were there before. `total` is nil where the server does not tell.
  case receiving(present: Int, total: Int?)
  /// So many bytes are there now.
  case received(Int)
  /// A line for people.
  case note(String)
}

/// What is known of a file before it comes.
public struct DownloadExpectation: Equatable, Sendable {
  /// Its bytes; nil where that is not known.
  public var size: Int?
  /// Its checksum; nil where nobody published one.
  public var checksum: Checksum?
  /// The most bytes that are taken.
  public var maximumSize: Int

  /// Creates an expectation.
  public init(size: Int? = nil, checksum: Checksum? = nil, maximumSize: Int) {
    self.size = size
    self.checksum = checksum
    self.maximumSize = maximumSize
  }
}
