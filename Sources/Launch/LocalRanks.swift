import Foundation

/// The ranks of this host, from one start to their end.
final class LocalRanks {
  private struct Rank {
    let number: Int
    let process: ChildProcess
    let sinks: [RankSink]
    let last: LastLines
  }

  let assignment: Assignment
  private let pump: OutputPump
  private let ranks: [Rank]

  /// Starts all ranks. Those that were started are killed where one cannot be.
  init(
    _ assignment: Assignment, _ options: LaunchOptions, environment: [String: String], console: LaunchConsole,
    pump: OutputPump, orphans: OrphanGuard
  ) throws(LaunchError) {
    self.assignment = assignment
    self.pump = pump
    var ranks: [Rank] = []
    do throws(LaunchError) {
      for local in 0..<assignment.numRanks {
        let number = assignment.firstRank + local
        let last = LastLines()
        let sinks = try Self.sinks(number, assignment, options, console, last)
        // Of the first rank's errors a terminal is made where there is one: it alone draws progress.
        let drawn =
          number == 0 && console.isTerminal && options.output == .prefixed ? PseudoTerminal(width: console.width) : nil
        let output = try PipeEnds()
        let errors: (reading: Int32, writing: Int32)
        if let drawn { errors = (drawn.reading, drawn.writing) } else { errors = try PipeEnds().both }
        defer {
          close(output.writing)
          close(errors.writing)
        }
        pump.add(output.reading, sinks[0])
        pump.add(errors.reading, sinks[1])
        let process = try ChildProcess(
          options.command, environment: Self.environment(local, assignment, options, environment, console),
          output: output.writing, errors: errors.writing, orphans: orphans)
        ranks.append(Rank(number: number, process: process, sinks: sinks, last: last))
      }
    } catch {
      for rank in ranks {
        rank.process.signal(SIGKILL)
        while rank.process.takeEnd() == nil { usleep(1000) }
      }
      throw error
    }
    self.ranks = ranks
  }

  /// Whether all have ended.
  var areGone: Bool { ranks.allSatisfy { $0.process.end != nil } }

  func signal(_ number: Int32) {
    for rank in ranks { rank.process.signal(number) }
  }

  /// The ranks that ended since the last call.
  func takeEnds() -> [(rank: Int, end: ProcessEnd)] {
    ranks.compactMap { rank in rank.process.takeEnd().map { (rank.number, $0) } }
  }

  /// What is to be said of a rank that failed, after the rest of its output was read.
  func failure(_ number: Int, _ end: ProcessEnd, host: String?) -> RankFailure {
    let rank = ranks[number - assignment.firstRank]
    pump.wait(for: rank.sinks, silence: 0.5)
    return RankFailure(rank: number, pid: rank.process.pid, host: host, end: end, lastLines: rank.last.all)
  }

  /// Waits until all that ranks said has been passed on. A process that left its rank's group may hold a stream open;
  /// it is not waited for.
  func drain() { pump.wait(for: ranks.flatMap(\.sinks), silence: 0.5) }

  private static func sinks(
    _ rank: Int, _ assignment: Assignment, _ options: LaunchOptions, _ console: LaunchConsole, _ last: LastLines
  ) throws(LaunchError) -> [RankSink] {
    let place: RankSink.Place
    if options.output == .files, let folder = options.logFolder {
      let file = try LogFile("\(folder)/rank-\(rank).log", console: console)
      if assignment.generation > 0 {
        Array("--- start \(assignment.generation + 1) ---\n".utf8).withUnsafeBytes { file.append($0) }
      }
      place = .file(file)
    } else {
      place = .console(console, rank: rank, prefix: "[rank \(rank)] ", showsProgress: rank == 0)
    }
    return [RankSink(place, isError: false, last: nil), RankSink(place, isError: true, last: last)]
  }

  /// torchrun's variables and Vitrail's own.
  private static func environment(
    _ local: Int, _ assignment: Assignment, _ options: LaunchOptions, _ base: [String: String], _ console: LaunchConsole
  ) -> [String: String] {
    var variables = base
    let set: [String: Any] = [
      "RANK": assignment.firstRank + local, "WORLD_SIZE": assignment.worldSize, "LOCAL_RANK": local,
      "LOCAL_WORLD_SIZE": assignment.numRanks, "GROUP_RANK": assignment.nodeRank,
      "GROUP_WORLD_SIZE": assignment.numNodes, "MASTER_ADDR": assignment.masterAddress,
      "MASTER_PORT": assignment.masterPort, "TORCHELASTIC_RESTART_COUNT": assignment.generation,
      "TORCHELASTIC_MAX_RESTARTS": assignment.maxRestarts, "TORCHELASTIC_RUN_ID": options.jobID,
      "VITRAIL_RESTART_COUNT": assignment.generation,
    ]
    for (name, value) in set { variables[name] = "\(value)" }
    if variables["OMP_NUM_THREADS"] == nil {
      variables["OMP_NUM_THREADS"] = "\(max(1, options.numProcessors / assignment.numRanks))"
    }
    return variables
  }
}
