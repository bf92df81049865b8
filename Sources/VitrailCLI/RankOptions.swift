import ArgumentParser
import Foundation
import Launch
import Parallelism
import Settings
import Torch
import Training

/// The place of this process among several that compute together, where its environment does not tell.
struct RankOptions: ParsableArguments {
  @Option(help: ArgumentHelp("This process's number among all, where no launcher tells.", valueName: "number"))
  var rank: Int?

  @Option(help: ArgumentHelp("The number of all processes.", valueName: "number"))
  var worldSize: Int?

  @Option(help: ArgumentHelp("Its number on its host, from 0.", valueName: "number"))
  var localRank: Int?

  @Option(help: ArgumentHelp("The host of rank 0.", valueName: "host"))
  var masterAddr: String?

  @Option(help: ArgumentHelp("A free port of that host.", valueName: "port"))
  var masterPort: Int?

  /// Whether any of them was given.
  var isGiven: Bool {
    rank != nil || worldSize != nil || localRank != nil || masterAddr != nil || masterPort != nil
  }

  /// Where this process stands; nil where it is alone.
  /// - Throws: `LaunchEnvironmentError`.
  func place() throws -> LaunchEnvironment? {
    try LaunchEnvironment.current(
      flags: LaunchFlags(
        rank: rank, worldSize: worldSize, masterAddress: masterAddr, masterPort: masterPort, localRank: localRank))
  }
}

extension ProcessGroup {
  /// Meets the other processes at the port of rank 0.
  /// - Parameter timeout: seconds, here and in every collective.
  /// - Throws: `CollectiveError`.
  static func meet(_ place: LaunchEnvironment?, timeout: Double) throws -> ProcessGroup {
    guard let place, place.worldSize > 1 else { return .alone }
    let (host, port) = (place.masterAddress, place.masterPort)
    // torchrun serves the store itself, and says so.
    let isServedElsewhere = ProcessInfo.processInfo.environment["TORCHELASTIC_USE_AGENT_STORE"] == "True"
    let store: RendezvousStore
    do throws(NetworkError) {
      store = try .tcp(
        host: host, port: port, isServer: place.rank == 0 && !isServedElsewhere, timeout: timeout)
    } catch {
      if error.description.contains("EADDRINUSE") {
        throw CollectiveError.unavailable(
          "rank 0 cannot serve \(host):\(port): the port is in use by another program; choose another for all ranks")
      }
      throw CollectiveError.notMet(
        rank: place.rank, seconds: timeout, missing: place.rank == 0 ? [] : [0], place: "\(host):\(port)",
        reason: unknownHost(host) ?? error.description)
    }
    return try meet(
      at: store, host: host, place: "\(host):\(port)", name: "vitrail/\(place.restartCount)", rank: place.rank,
      size: place.worldSize, timeout: timeout)
  }

  /// What is wrong with the name of a host; nil where it has an address.
  private static func unknownHost(_ host: String) -> String? {
    do throws(NetworkError) {
      _ = try RendezvousStore.address(towards: host)
      return nil
    } catch { return error.description }
  }

  /// The signal that made a run stop, at whichever rank it came: all ranks end alike.
  /// - Returns: its name, with the rank if that is another, and the exit code; nil where it was no signal.
  func sharedSignal(_ signals: StopSignals) throws -> (name: String, code: Int32)? {
    let own = signals.exitCode.map { "\($0) \(signals.name ?? "a signal")" } ?? ""
    let all = try allGather(Array(own.utf8), "the signals of the ranks").map { String(decoding: $0, as: UTF8.self) }
    guard let found = all[rank].isEmpty ? all.firstIndex(where: { !$0.isEmpty }) : rank else { return nil }
    let words = all[found].split(separator: " ", maxSplits: 1)
    guard words.count == 2, let code = Int32(words[0]) else { return nil }
    return (found == rank ? String(words[1]) : "\(words[1]) at rank \(found)", code)
  }

  /// Runs what all ranks run; where it fails here by itself, the others are told why, and with which exit code.
  func sharingFailure<Result>(
    code: (any Error) -> Int32, _ body: () throws -> Result
  ) throws -> Result {
    do { return try body() } catch {
      if !(error is CollectiveError) { announceFailure(plainReason(of: error), code: code(error)) }
      throw error
    }
  }

  /// Runs what the first rank does for all; where it fails there, all of them end.
  func onFirst(_ what: String, code: (any Error) -> Int32, _ body: () throws -> Void) throws {
    guard isFirst else {
      let said = String(decoding: try allGather([], what)[0], as: UTF8.self).split(separator: " ", maxSplits: 1)
      guard said.count == 2, let code = Int32(said[0]) else { return }
      throw CollectiveError.otherRank(0, reason: String(said[1]), code: code)
    }
    do { try body() } catch {
      _ = try? allGather(Array("\(code(error)) \(plainReason(of: error))".utf8), what)
      throw error
    }
    _ = try allGather([], what)
  }
}
