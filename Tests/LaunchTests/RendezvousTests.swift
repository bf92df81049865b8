import Foundation
import Testing

@testable import Launch

struct WireTests {
  @Test func messagesSurviveTheWay() throws {
    let failure = RankFailure(rank: 3, pid: 9, host: nil, end: .exited(4), lastLines: ["a \"b\"\n\u{1B}", "é/\\"])
    let messages: [NodeMessage] = [
      .join(JoinRequest(jobID: "j", nodes: NodeRange(1, 2), nodeRank: nil, numSlots: 3, host: "h")), .beat,
      .failed(generation: 2, failure), .stopped(generation: 0), .finished(generation: 1, code: 130), .signal(15),
    ]
    for message in messages {
      let line = Wire.line(message)
      #expect(line.hasSuffix("\n"))
      #expect(!line.dropLast().contains("\n"))
      #expect(try Wire.parse(String(line.dropLast()), as: NodeMessage.self) == message)
    }
  }

  @Test func aFailureWithItsLastLinesFitsALine() {
    let worst = String(repeating: "\u{1}", count: LastLines.length)
    let failure = RankFailure(
      rank: 1, pid: 1, host: String(repeating: "h", count: 253), end: .killed(9),
      lastLines: Array(repeating: worst, count: LastLines.count))
    #expect(Wire.line(Order.stop(generation: 0, text: failure.description, failure: failure)).utf8.count < Wire.limit)
  }

  @Test(arguments: [
    "", "GET / HTTP/1.1", "vitrail-launch", "vitrail-launch 1", "vitrail-launch 1 ", "vitrail-launch 1 {}",
    "vitrail-launch 2 {\"beat\":{}}", "vitrail-launch 1 {\"explode\":{}}",
    "vitrail-launch 1 {\"signal\":{\"_0\":1e99}}",
    "vitrail-launch 1 " + String(repeating: "[", count: 20_000),
    "vitrail-launch 1 {\"stopped\":{\"generation\":\"x\"}}", "VITRAIL-LAUNCH 1 {\"beat\":{}}",
  ]) func whatIsNoMessageIsRefused(_ line: String) {
    #expect(throws: Wire.Fault.self) { try Wire.parse(line, as: NodeMessage.self) }
  }

  @Test func anEndlessLineIsRefused() throws {
    var buffer = LineBuffer()
    #expect(try buffer.append(Array("a\nb".utf8)) == ["a"])
    #expect(try buffer.append(Array("c\n".utf8)) == ["bc"])
    #expect(throws: Wire.Fault.self) { try buffer.append([UInt8](repeating: 65, count: Wire.limit)) }
  }
}

/// A server with hostile visitors, over loopback.
struct RendezvousTests {
  private let two = NodeRange(2, 2)

  /// A plain connection. What it is answered is read to its end.
  private func visit(_ port: Int, saying bytes: [UInt8]) throws -> String {
    let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(status == 0)
    _ = bytes.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(socket, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      answer += buffer[..<count]
    }
    return String(decoding: answer, as: UTF8.self)
  }

  @Test func visitorsOfNoGoodAreRefusedAndTheJobGoesOn() throws {
    var settings = Coordinator.Settings()
    settings.jobID = "j"
    settings.nodes = two
    let address = RendezvousAddress(host: "127.0.0.1", port: FreePort.find())
    let server = try RendezvousServer(at: address, settings)
    func link(_ rank: Int) -> NetworkLink {
      NetworkLink(
        to: address, JoinRequest(jobID: "j", nodes: two, nodeRank: rank, numSlots: 1, host: "h"), joinTimeout: 20,
        heartbeatTimeout: 15, server: rank == 0 ? server : nil)
    }
    let first = link(0)
    defer { first.close() }
    let visits: [(String, String)] = [
      ("GET / HTTP/1.1\r\n\r\n", "this is no launcher of Vitrail"),
      ("vitrail-launch 9 {\"beat\":{}}\n", "the versions of Vitrail differ"),
      ("vitrail-launch 1 {\"beat\":{}}\n", "this launcher did not join"),
      ("vitrail-launch 1 {\"rm\":{}}\n", "a message that means nothing"),
      (String(repeating: "x", count: 2 * Wire.limit), "a line without an end"),
      (
        Wire.line(NodeMessage.join(JoinRequest(jobID: "k", nodes: two, nodeRank: 1, numSlots: 1, host: "h"))),
        "another job waits here"
      ),
    ]
    for (words, answer) in visits { #expect(try visit(address.port, saying: Array(words.utf8)).contains(answer)) }
    let second = link(1)
    defer { second.close() }
    var started: [Assignment] = []
    let areStarted = ProbeProcess.waits {
      for order in first.receive() + second.receive() {
        if case .start(let assignment) = order { started.append(assignment) }
      }
      return started.count == 2
    }
    #expect(areStarted)
    #expect(Set(started.map(\.nodeRank)) == [0, 1])
  }

  @Test func aPortInUseIsSaid() throws {
    let address = RendezvousAddress(host: "127.0.0.1", port: FreePort.find())
    let server = try RendezvousServer(at: address, Coordinator.Settings())
    defer { server.close() }
    #expect(throws: RendezvousServer.Fault.inUse) { _ = try RendezvousServer(at: address, Coordinator.Settings()) }
  }

  @Test(arguments: ["", "host", ":1", "host:", "host:0", "host:65536", "ho st:1", "-h:1", "h:1x"])
  func whatIsNoAddressIsRefused(_ text: String) {
    #expect(throws: LaunchError.self) { try RendezvousAddress(parsing: text) }
  }

  @Test func addressesAreReadAsTheyAreWritten() throws {
    for text in ["node0:29400", "10.0.0.1:1", "[fd00::1]:65535"] {
      #expect(try RendezvousAddress(parsing: text).description == text)
    }
  }
}

struct HostFileTests {
  @Test func hostsHaveSlots() throws {
    let file = try HostFile(parsing: "# two\nn1 slots=4\n\n  n2   slots=2 max_slots=8 # big\nn3\n", of: "hosts")
    #expect(file.hosts == [.init(name: "n1", slots: 4), .init(name: "n2", slots: 2), .init(name: "n3", slots: nil)])
  }

  @Test(arguments: [
    ("", "hosts names no host"), ("# x\n", "hosts names no host"), ("a\na\n", "hosts:2: a is there twice"),
    ("a slots=0", "hosts:1: 'slots=0' is not slots=N"), ("a slots=x", "is not slots=N"), ("a 4", "'4' is not slots=N"),
    ("-oProxyCommand=x", "is no name of a host"), ("a;b", "is no name of a host"), ("a\u{0}b", "is no name of a host"),
  ]) func whatIsNoHostFileIsRefused(_ text: String, _ message: String) {
    let error = #expect(throws: LaunchError.self) { try HostFile(parsing: text, of: "hosts") }
    #expect(error?.description.contains(message) == true, "\(String(describing: error))")
  }
}
