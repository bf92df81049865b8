import Foundation

/// A launcher's way to the one that coordinates.
protocol CoordinatorLink: AnyObject {
  func send(_ message: NodeMessage)
  /// What came since the last call.
  func receive() -> [Order]
  /// Why the way is cut; nil while it is not.
  var loss: String? { get }
  func close()
}

/// Where there is one host: the coordinator is here.
final class LocalLink: CoordinatorLink {
  private var coordinator: Coordinator

  init(_ settings: Coordinator.Settings, _ join: JoinRequest) {
    coordinator = Coordinator(settings, now: MonotonicClock.seconds, freePort: FreePort.find)
    coordinator.receive(.join(join), from: 0, now: MonotonicClock.seconds)
  }

  func send(_ message: NodeMessage) { coordinator.receive(message, from: 0, now: MonotonicClock.seconds) }

  func receive() -> [Order] {
    // This launcher lives, or it would not ask.
    coordinator.receive(.beat, from: 0, now: MonotonicClock.seconds)
    coordinator.tick(MonotonicClock.seconds)
    return coordinator.takeOrders().map(\.order)
  }

  var loss: String? { nil }
  func close() {}
}

/// Seconds that never go back.
enum MonotonicClock {
  static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// Ports that nobody listens at.
enum FreePort {
  /// Another one at each call: the system gives them out in turn.
  static func find() -> Int {
    let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = withUnsafeMutablePointer(to: &address) { address -> Int? in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> Int? in
        guard bind(socket, address, size) == 0, getsockname(socket, address, &size) == 0 else { return nil }
        return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          Int(UInt16(bigEndian: $0.pointee.sin_port))
        }
      }
    }
    return port ?? 29_500
  }
}
