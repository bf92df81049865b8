import Foundation

/// What this host is called, and what is this host.
enum HostNames {
  /// The name of this host.
  static var own: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
    let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return VariableReader.isHost(name) ? name : "localhost"
  }

  /// Whether a name or address is this host's: then a socket can be bound to it.
  static func isOwn(_ name: String) -> Bool {
    if name == own || own.hasPrefix("\(name).") { return true }
    return addresses(of: name) { address, size, family in
      let socket = Foundation.socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      defer { close(socket) }
      return bind(socket, address, size) == 0 ? true : nil
    } ?? false
  }

  /// The address by which another host sees this one: that of the interface that leads there.
  static func addressTowards(_ name: String) -> String? {
    addresses(of: name) { address, size, family in
      let socket = Foundation.socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      defer { close(socket) }
      guard connect(socket, address, size) == 0 else { return nil }
      var own = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      var text = [CChar](repeating: 0, count: 64)
      let isKnown = withUnsafeMutablePointer(to: &own) { own in
        own.withMemoryRebound(to: sockaddr.self, capacity: 1) { own in
          getsockname(socket, own, &length) == 0
            && getnameinfo(own, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
        }
      }
      return isKnown ? String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }
  }

  /// The first answer for the addresses of a name; any port but 0 would do for a datagram socket that sends nothing.
  private static func addresses<Result>(
    of name: String, _ ask: (UnsafePointer<sockaddr>, socklen_t, Int32) -> Result?
  ) -> Result? {
    var list: UnsafeMutablePointer<addrinfo>?
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    guard getaddrinfo(name, nil, &hints, &list) == 0 else { return nil }
    defer { freeaddrinfo(list) }
    var entry = list
    while let current = entry {
      if let address = current.pointee.ai_addr,
        let answer = ask(address, current.pointee.ai_addrlen, current.pointee.ai_family)
      {
        return answer
      }
      entry = current.pointee.ai_next
    }
    return nil
  }
}
