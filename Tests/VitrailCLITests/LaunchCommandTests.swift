import Testing

/// The command that starts ranks, as far as only the whole tool shows it.
struct LaunchCommandTests {
  @Test func ranksAreCommandsOfTheToolItself() throws {
    let outcome = try Tool.run(["launch", "--nproc-per-node", "2", "--", "doctor", "--place"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = outcome.outputLines.sorted()
    #expect(lines.count == 2)
    for (rank, line) in lines.enumerated() {
      #expect(line.hasPrefix("[rank \(rank)] rank \(rank) of 2, local rank \(rank), master 127.0.0.1:"))
    }
  }

  @Test func theCodeIsThatOfTheRankThatFailed() throws {
    let outcome = try Tool.run(["launch", "--nproc-per-node", "2", "--", "doctor", "--no-such-option"])
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains("exited with code 2; stopping all ranks"))
  }

  @Test(arguments: [
    (["launch"], "launch needs a command after --"),
    (["launch", "--nproc-per-node", "2", "train"], "what the ranks run follows --"),
    (["launch", "--nproc-per-node", "0", "--", "train"], "--nproc-per-node takes 1 to 4096"),
    (["launch", "--nproc-per-node", "2", "--nnodes", "2", "--", "train"], "needs --rendezvous HOST:PORT"),
    (["launch", "--nproc-per-node", "2", "--", "no-such-program"], "neither a command of vitrail nor a program"),
  ]) func wrongUsageIsSaid(_ words: [String], _ text: String) throws {
    let outcome = try Tool.run(words)
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains(text), "\(outcome.errors)")
  }

  @Test func thePlaceOfAProcessAloneIsSaid() throws {
    #expect(try Tool.run(["doctor", "--place"]).output == "a process alone\n")
    let outcome = try Tool.run(["doctor", "--place"], environment: ["RANK": "1"])
    #expect(outcome.code == 2)
    #expect(outcome.errors.hasPrefix("vitrail: RANK=1 without WORLD_SIZE"))
  }
}
