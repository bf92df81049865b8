import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// The coordinator on a port. Whatever it does not understand, it refuses and hangs up on.
final class RendezvousServer: Sendable {
  /// Seconds that a connection has to say who it is.
  private static let joinPatience = 10.0
  private static let maxConnections = 4096

  struct State {
    var coordinator: Coordinator
    var connections: [Int: any Channel] = [:]
    var strangers: [Int: Double] = [:]
    var numConnections = 0
  }

  private let state: Mutex<State>
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let listener: Mutex<(any Channel)?> = Mutex(nil)

  /// Why there is no server.
  enum Fault: Error, Equatable { case inUse, notHere, unknownName, other(String) }

  /// Listens.
  init(at address: RendezvousAddress, _ settings: Coordinator.Settings) throws(Fault) {
    state = Mutex(
      State(coordinator: Coordinator(settings, now: MonotonicClock.seconds, freePort: FreePort.find)))
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(ServerConnection(self))
        }
      }
    do {
      let channel = try bootstrap.bind(host: address.host, port: address.port).wait()
      listener.withLock { $0 = channel }
    } catch {
      try? group.syncShutdownGracefully()
      if error is SocketAddressError { throw .unknownName }
      guard let error = error as? IOError else { throw .other("\(error)") }
      switch error.errnoCode {
      case EADDRINUSE: throw .inUse
      case EADDRNOTAVAIL: throw .notHere
      default: throw .other(String(cString: strerror(error.errnoCode)))
      }
    }
    group.next().scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(100)) { [weak self] _ in self?.tick() }
  }

  /// Hangs up on all, after what was said has been sent.
  func close() {
    let channels = state.withLock { Array($0.connections.values) }
    let listener = listener.withLock { $0 }
    try? listener?.close().wait()
    for channel in channels {
      // What was written before is flushed in order; a peer that reads nothing is not waited for.
      let isDone = DispatchSemaphore(value: 0)
      channel.writeAndFlush(ByteBuffer()).whenComplete { _ in isDone.signal() }
      _ = isDone.wait(timeout: .now() + 1)
    }
    try? group.syncShutdownGracefully()
  }

  fileprivate func connected(_ channel: any Channel) -> Int? {
    let id = state.withLock { state -> Int? in
      guard state.connections.count < Self.maxConnections else { return nil }
      state.numConnections += 1
      state.connections[state.numConnections] = channel
      state.strangers[state.numConnections] = MonotonicClock.seconds
      return state.numConnections
    }
    if id == nil { channel.close(promise: nil) }
    return id
  }

  fileprivate func take(_ line: String, from id: Int) {
    do {
      let message = try Wire.parse(line, as: NodeMessage.self)
      state.withLock { state in
        state.coordinator.receive(message, from: id, now: MonotonicClock.seconds)
        if state.coordinator.nodes[id] != nil { state.strangers[id] = nil }
      }
    } catch {
      refuse(id, error.description)
    }
    deliver()
  }

  fileprivate func refuse(_ id: Int, _ reason: String) {
    let channel = state.withLock { $0.connections[id] }
    guard let channel else { return }
    Self.hangUp(channel, after: .refused(reason))
  }

  fileprivate func disconnected(_ id: Int) {
    state.withLock { state in
      state.connections[id] = nil
      state.strangers[id] = nil
      state.coordinator.lose(id, now: MonotonicClock.seconds)
    }
    deliver()
  }

  private func tick() {
    let late = state.withLock { state in
      state.coordinator.tick(MonotonicClock.seconds)
      return state.strangers.filter { MonotonicClock.seconds - $0.value > Self.joinPatience }.map(\.key)
    }
    for id in late { refuse(id, "no word of who this is") }
    deliver()
  }

  /// Sends what the coordinator decided. A channel that breaks at that says so at once, so nothing is locked
  /// meanwhile.
  private func deliver() {
    let orders = state.withLock { state in
      state.coordinator.takeOrders().compactMap { id, order in state.connections[id].map { ($0, order) } }
    }
    for (channel, order) in orders {
      if case .refused = order {
        Self.hangUp(channel, after: order)
      } else {
        channel.writeAndFlush(ByteBuffer(string: Wire.line(order)), promise: nil)
      }
    }
  }

  private static func hangUp(_ channel: any Channel, after order: Order) {
    channel.writeAndFlush(ByteBuffer(string: Wire.line(order))).whenComplete { _ in channel.close(promise: nil) }
  }
}

private final class ServerConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let server: RendezvousServer
  private var id: Int?
  private var lines = LineBuffer()

  init(_ server: RendezvousServer) { self.server = server }

  func channelActive(context: ChannelHandlerContext) { id = server.connected(context.channel) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard let id else { return }
    do {
      for line in try lines.append(unwrapInboundIn(data).readableBytesView) { server.take(line, from: id) }
    } catch {
      self.id = nil
      server.refuse(id, error.description)
      server.disconnected(id)
    }
  }

  func channelInactive(context: ChannelHandlerContext) { if let id { server.disconnected(id) } }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
