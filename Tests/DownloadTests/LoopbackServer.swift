import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// What a server answers to one request.
struct Reply: Sendable {
  var status: HTTPResponseStatus = .ok
  var headers: [(String, String)] = []
  var body: [UInt8] = []
  /// The length that the head claims; by default the truth, nil for a body that ends with the connection.
  var length: Int??
  /// The connection breaks off after so many bytes of body.
  var cutAfter: Int?
  /// Nothing more comes after so many bytes of body; -1 for not even a head.
  var stallAfter: Int?
  /// The body is sent over and over.
  var isEndless = false
}

/// A real HTTP server on 127.0.0.1, whose answers a test decides.
final class LoopbackServer: Sendable {
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let channel: any Channel
  private let requests: Requests

  final class Requests: Sendable {
    let heads = Mutex<[HTTPRequestHead]>([])
    let answer: @Sendable (HTTPRequestHead, Int) -> Reply
    init(_ answer: @escaping @Sendable (HTTPRequestHead, Int) -> Reply) { self.answer = answer }

    func reply(to head: HTTPRequestHead) -> Reply {
      answer(
        head,
        heads.withLock {
          $0.append(head)
          return $0.count - 1
        })
    }
  }

  /// Starts a server that answers the request of number N, from 0, with `answer(head, N)`.
  init(_ answer: @escaping @Sendable (HTTPRequestHead, Int) -> Reply) throws {
    let requests = Requests(answer)
    self.requests = requests
    channel = try ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Answering(requests))
        }
      }
      .bind(host: "127.0.0.1", port: 0).wait()
  }

  deinit { try? group.syncShutdownGracefully() }

  /// The requests so far.
  var heads: [HTTPRequestHead] { requests.heads.withLock { $0 } }

  var port: Int { channel.localAddress?.port ?? 0 }

  /// The address of a file on this server.
  func url(_ path: String = "/set.tgz") -> String { "http://127.0.0.1:\(port)\(path)" }
}

/// Answers the requests of one connection.
private final class Answering: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let requests: LoopbackServer.Requests
  private var head: HTTPRequestHead?

  init(_ requests: LoopbackServer.Requests) { self.requests = requests }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end:
      guard let head else { return }
      send(requests.reply(to: head), on: context.channel)
    }
  }

  private func send(_ reply: Reply, on channel: any Channel) {
    if reply.stallAfter == -1 { return }
    var headers = HTTPHeaders(reply.headers)
    let length = reply.length ?? (reply.isEndless ? nil : .some(reply.body.count))
    if let length { headers.add(name: "Content-Length", value: "\(length)") }
    if length == nil { headers.add(name: "Connection", value: "close") }
    channel.write(
      HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: reply.status, headers: headers)),
      promise: nil)
    let count = reply.cutAfter ?? reply.stallAfter ?? reply.body.count
    let sent = channel.writeAndFlush(
      HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: reply.body.prefix(count)))))
    if reply.isEndless {
      Self.repeatBody(reply.body, on: channel, after: sent)
    } else if reply.cutAfter != nil {
      sent.whenComplete { _ in channel.close(promise: nil) }
    } else if reply.stallAfter == nil {
      channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in
        if length == nil { channel.close(promise: nil) }
      }
    }
  }

  private static func repeatBody(_ body: [UInt8], on channel: any Channel, after sent: EventLoopFuture<Void>) {
    sent.whenSuccess {
      let next = channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body))))
      repeatBody(body, on: channel, after: next)
    }
  }
}

/// A file as a well-behaved server gives it, ranges included.
struct ServedFile: Sendable {
  var bytes: [UInt8]
  var tag: String? = "\"one\""
  var lastModified: String?
  var takesRanges = true

  func reply(to head: HTTPRequestHead) -> Reply {
    var headers: [(String, String)] = []
    if let tag { headers.append(("ETag", tag)) }
    if let lastModified { headers.append(("Last-Modified", lastModified)) }
    let whole = Reply(headers: headers, body: bytes)
    guard takesRanges, let range = head.headers.first(name: "Range"), range.hasPrefix("bytes="),
      let first = Int(range.dropFirst(6).dropLast())
    else { return whole }
    if let condition = head.headers.first(name: "If-Range"), condition != tag, condition != lastModified {
      return whole
    }
    guard first < bytes.count else {
      return Reply(status: .rangeNotSatisfiable, headers: [("Content-Range", "bytes */\(bytes.count)")])
    }
    headers.append(("Content-Range", "bytes \(first)-\(bytes.count - 1)/\(bytes.count)"))
    return Reply(status: .partialContent, headers: headers, body: Array(bytes[first...]))
  }
}
