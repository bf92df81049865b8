// What launchers tell each other: one line each, `vitrail-launch 1 JSON`.

import Foundation

/// A rank that failed, as its launcher saw it.
struct RankFailure: Equatable, Sendable, Codable {
  var rank: Int
  var pid: Int32
  /// The host; nil where there is only one.
  var host: String?
  var end: ProcessEnd
  /// The end of its standard error.
  var lastLines: [String]

  /// `rank 2 (pid 123 on n1) was killed by SIGKILL`.
  var description: String { "rank \(rank) (pid \(pid)\(host.map { " on \($0)" } ?? "")) \(end)" }
}

/// What one host gets to do.
struct Assignment: Equatable, Sendable, Codable {
  /// Counts the starts of the whole job, from 0.
  var generation: Int
  var nodeRank: Int
  var numNodes: Int
  var firstRank: Int
  var numRanks: Int
  var worldSize: Int
  var masterAddress: String
  var masterPort: Int
  var maxRestarts: Int
}

/// A launcher that wants to take part.
struct JoinRequest: Equatable, Sendable, Codable {
  var jobID: String
  var nodes: NodeRange
  var nodeRank: Int?
  var numSlots: Int
  var host: String
}

/// What a launcher tells the one that coordinates.
enum NodeMessage: Equatable, Sendable, Codable {
  case join(JoinRequest)
  case beat
  /// A rank of this generation failed.
  case failed(generation: Int, RankFailure)
  /// All ranks of this generation are gone, as was ordered.
  case stopped(generation: Int)
  /// All ranks of this generation left by themselves, without failure.
  case finished(generation: Int, code: Int32)
  /// Somebody wants the whole job to stop.
  case signal(Int32)
}

/// What the one that coordinates tells a launcher.
enum Order: Equatable, Sendable, Codable {
  case refused(String)
  case welcome
  case beat
  case start(Assignment)
  /// Ends the ranks; says why.
  case stop(generation: Int, text: String, failure: RankFailure?)
  case signal(Int32)
  /// Everything is over.
  case end(code: Int32, text: String?)
}

/// The frame of all lines.
enum Wire {
  static let name = "vitrail-launch"
  static let version = 1
  /// The bytes that a line has at most, its end included.
  static let limit = 32 << 10

  /// Why a line is refused.
  struct Fault: Error, Equatable, CustomStringConvertible {
    let description: String
  }

  static func line(_ message: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // These types hold nothing that JSON has no form for.
    guard let data = try? encoder.encode(message) else { return "\n" }
    return "\(name) \(version) \(String(decoding: data, as: UTF8.self))\n"
  }

  static func parse<Message: Decodable>(_ line: String, as type: Message.Type) throws(Fault) -> Message {
    let parts = line.split(separator: " ", maxSplits: 2)
    guard parts.count == 3, parts[0] == name else { throw Fault(description: "this is no launcher of Vitrail") }
    guard parts[1] == "\(version)" else {
      throw Fault(description: "the versions of Vitrail differ: use the same on all machines")
    }
    do { return try JSONDecoder().decode(type, from: Data(parts[2].utf8)) } catch {
      throw Fault(description: "a message that means nothing")
    }
  }
}

/// Splits what arrives into lines, and holds no more than one.
struct LineBuffer {
  private var pending: [UInt8] = []

  /// The lines that are whole now. Throws where one is too long.
  mutating func append(_ bytes: some Sequence<UInt8>) throws(Wire.Fault) -> [String] {
    var lines: [String] = []
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        lines.append(String(decoding: pending, as: UTF8.self))
        pending.removeAll(keepingCapacity: true)
      } else {
        pending.append(byte)
        guard pending.count < Wire.limit else { throw Wire.Fault(description: "a line without an end") }
      }
    }
    return lines
  }
}
