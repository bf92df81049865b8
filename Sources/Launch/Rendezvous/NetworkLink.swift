import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A launcher's connection with the coordinator on another host, or on this one.
final class NetworkLink: CoordinatorLink, Sendable {
  private struct State {
    var channel: (any Channel)?
    var orders: [Order] = []
    var loss: String?
    var isWelcome = false
    var isClosed = false
    var lastSign = MonotonicClock.seconds
    var lastFault = ""
  }

  private let address: RendezvousAddress
  private let join: JoinRequest
  private let joinTimeout: Double
  private let heartbeatTimeout: Double
  private let start = MonotonicClock.seconds
  private let state = Mutex(State())
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  /// The coordinator, where it is here; it ends with the link.
  private let server: RendezvousServer?

  /// Begins to connect, and goes on trying.
  init(
    to address: RendezvousAddress, _ join: JoinRequest, joinTimeout: Double, heartbeatTimeout: Double,
    server: RendezvousServer?
  ) {
    self.address = address
    self.join = join
    self.joinTimeout = joinTimeout
    self.heartbeatTimeout = heartbeatTimeout
    self.server = server
    connect()
    group.next().scheduleRepeatedTask(
      initialDelay: .zero, delay: .milliseconds(Int64(heartbeatTimeout * 200))
    ) { [weak self] _ in self?.beat() }
  }

  func send(_ message: NodeMessage) {
    let channel = state.withLock { $0.channel }
    channel?.writeAndFlush(ByteBuffer(string: Wire.line(message)), promise: nil)
  }

  func receive() -> [Order] {
    state.withLock { state in
      defer { state.orders = [] }
      return state.orders
    }
  }

  var loss: String? { state.withLock { $0.loss } }

  func close() {
    state.withLock { $0.isClosed = true }
    server?.close()
    try? group.syncShutdownGracefully()
  }

  private func connect() {
    let bootstrap = ClientBootstrap(group: group)
      .connectTimeout(.seconds(5))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(ClientConnection(self))
        }
      }
    bootstrap.connect(host: address.host, port: address.port).whenComplete { [self] result in
      switch result {
      case .success(let channel):
        state.withLock { $0.channel = channel }
        send(.join(join))
      case .failure(let error):
        let waited = MonotonicClock.seconds - start
        guard waited < joinTimeout else {
          return lose("nobody waits at \(address), which --rendezvous names (tried for \(Int(waited)) s)")
        }
        state.withLock { $0.lastFault = "\(error)" }
        if !state.withLock({ $0.isClosed }) {
          group.next().scheduleTask(in: .milliseconds(200)) { [weak self] in self?.connect() }
        }
      }
    }
  }

  private func beat() {
    let (isWelcome, silence, isConnected) = state.withLock { state in
      (state.isWelcome, MonotonicClock.seconds - state.lastSign, state.channel != nil)
    }
    guard isConnected else { return }
    if isWelcome { send(.beat) }
    if silence > heartbeatTimeout {
      lose(
        isWelcome
          ? "the rendezvous at \(address) was lost: no sign of life for \(Int(heartbeatTimeout)) s"
          : "what waits at \(address) is no launcher of Vitrail, or does not answer")
    }
  }

  private func lose(_ reason: String) {
    state.withLock { state in
      if state.loss == nil { state.loss = reason }
    }
  }

  fileprivate func take(_ line: String) {
    do {
      let order = try Wire.parse(line, as: Order.self)
      state.withLock { state in
        state.lastSign = MonotonicClock.seconds
        switch order {
        case .beat: break
        case .welcome: state.isWelcome = true
        default: state.orders.append(order)
        }
      }
    } catch {
      lose("what waits at \(address) answers with \(error.description)")
    }
  }

  fileprivate func refuse(_ reason: String) { lose("what waits at \(address) sends \(reason)") }

  fileprivate func connected() { state.withLock { $0.lastSign = MonotonicClock.seconds } }

  fileprivate func disconnected() {
    let (isWelcome, isClosed) = state.withLock { ($0.isWelcome, $0.isClosed) }
    guard !isClosed else { return }
    lose(
      isWelcome
        ? "the rendezvous at \(address) was lost" : "what waits at \(address) hung up: is it a launcher of Vitrail?")
  }
}

private final class ClientConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let link: NetworkLink
  private var lines = LineBuffer()

  init(_ link: NetworkLink) { self.link = link }

  func channelActive(context: ChannelHandlerContext) { link.connected() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    do {
      for line in try lines.append(unwrapInboundIn(data).readableBytesView) { link.take(line) }
    } catch {
      link.refuse(error.description)
      context.close(promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) { link.disconnected() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
