import ArgumentParser
import Foundation
import Launch
import Parallelism
import Settings
import Torch

/// The place of this process among several that train together, where its environment does not tell.
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
      throw CollectiveError.notMet(
        rank: place.rank, seconds: timeout, missing: place.rank == 0 ? [] : [0], place: "\(host):\(port)",
        reason: error.description)
    }
    return try meet(
      at: store, host: host, place: "\(host):\(port)", name: "vitrail/\(place.restartCount)", rank: place.rank,
      size: place.worldSize, timeout: timeout)
  }

  /// Runs what all ranks run; where it fails here by itself, the others are told why.
  func sharingFailure<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch {
      if !(error is CollectiveError) { announceFailure(plainReason(of: error)) }
      throw error
    }
  }
}
