/// How many hosts take part: `4`, or from 2 to 4: `2:4`.
public struct NodeRange: Equatable, Sendable, Codable, CustomStringConvertible {
  /// The hosts that are needed.
  public var least: Int
  /// The hosts that have room.
  public var most: Int

  /// From `least` to `most` hosts.
  public init(_ least: Int, _ most: Int) {
    self.least = least
    self.most = most
  }

  /// Reads `N` or `MIN:MAX`.
  /// - Throws: `LaunchError`.
  public init(parsing text: String) throws(LaunchError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { VariableReader.number($0) }
    guard (1...2).contains(parts.count), let least = parts[0], let most = parts[parts.count - 1], least > 0,
      least <= most, most <= 65_536
    else { throw .usage("--nnodes takes a number of hosts, or MIN:MAX, not '\(text.prefix(40))'") }
    self.init(least, most)
  }

  /// Whether a job goes on with fewer hosts than there may be.
  public var isElastic: Bool { least < most }
  /// As it is written.
  public var description: String { isElastic ? "\(least):\(most)" : "\(least)" }
}

/// Where launchers meet: `HOST:PORT`, with brackets around an IPv6 address.
public struct RendezvousAddress: Equatable, Sendable, CustomStringConvertible {
  /// The name or address of the host whose launcher waits for the others.
  public var host: String
  /// Its port.
  public var port: Int

  /// A host and a port.
  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads `HOST:PORT`.
  /// - Throws: `LaunchError`.
  public init(parsing text: String) throws(LaunchError) {
    let mark = text.lastIndex(of: ":") ?? text.startIndex
    var host = text[..<mark]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard mark > text.startIndex, let port = VariableReader.number(text[text.index(after: mark)...]),
      (1...65_535).contains(port), VariableReader.isHost(host)
    else { throw .usage("--rendezvous takes HOST:PORT, not '\(text.prefix(80))'") }
    self.init(host: String(host), port: port)
  }

  /// As it is written.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
