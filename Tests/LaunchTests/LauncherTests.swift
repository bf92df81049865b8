import DataTestSupport
import Files
import Foundation
import Testing

/// One host: real processes, real signals. Scripts of the shell are the ranks.
struct LauncherTests {
  private func launch(
    _ numRanks: Int, _ options: [String] = [], script: String, environment: [String: String] = [:]
  ) throws -> ProbeProcess {
    try ProbeProcess(
      launch: ["--nproc-per-node", "\(numRanks)"] + options + ["--", "sh", "-c", script], environment: environment)
  }

  @Test func everyRankKnowsItsPlace() throws {
    let outcome = try ProbeProcess.launch(["--nproc-per-node", "3", "--", "place"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = outcome.lines.sorted()
    #expect(lines.count == 3)
    for (rank, line) in lines.enumerated() {
      #expect(line.hasPrefix("[rank \(rank)] rank \(rank) of 3, local rank \(rank), master 127.0.0.1:"))
    }
    #expect(Set(lines.map { $0.split(separator: ":").last }).count == 1, "one port for all")
  }

  @Test func ranksShareTheThreadsUnlessTheUserSaysHowMany() throws {
    let script = "echo $OMP_NUM_THREADS"
    let all = ProcessInfo.processInfo.activeProcessorCount
    let shared = try launch(all + 1, script: script).wait()
    #expect(Set(shared.lines.map { $0.split(separator: " ").last }) == ["1"])
    #expect(try launch(1, script: script).wait().lines == ["[rank 0] \(all)"])
    #expect(
      try launch(2, script: script, environment: ["OMP_NUM_THREADS": "7"]).wait().lines.allSatisfy { $0.hasSuffix("7") }
    )
  }

  @Test func theFirstFailureIsNamedAndItsCodeReturned() throws {
    let outcome = try launch(
      3, script: "[ $RANK = 1 ] || exec sleep 50; echo first; echo reason 1 >&2; echo reason 2 >&2; exit 7"
    ).wait()
    #expect(outcome.code == 7)
    let report = outcome.errorLines.filter { $0.hasPrefix("vitrail launch:") }
    #expect(report.count == 4)
    #expect(
      report[0].wholeMatch(of: /vitrail launch: rank 1 \(pid \d+\) exited with code 7; stopping all ranks/) != nil)
    #expect(
      Array(report[1...]) == [
        "vitrail launch: the last lines that rank 1 wrote to standard error:", "vitrail launch: | reason 1",
        "vitrail launch: | reason 2",
      ])
  }

  @Test func whatFollowersSayIsCountedNotShown() throws {
    let outcome = try launch(
      2,
      script: """
        if [ $RANK = 0 ]; then while [ ! -e $SCRATCH/ready ]; do sleep 0.02; done; exit 3; fi
        trap 'echo lost my peer >&2; exit 1' TERM; : > $SCRATCH/ready; while :; do sleep 0.05; done
        """
    ).wait()
    #expect(outcome.code == 3)
    #expect(!outcome.errors.contains("lost my peer"))
    // The shell may say that the signal ended its own child.
    #expect(outcome.errors.contains(/other ranks wrote to standard error after that is left out \(lines: [12]\)/))
  }

  @Test func aRankThatASignalKilledIsTheCause() throws {
    let outcome = try launch(2, script: "[ $RANK = 1 ] && kill -SEGV $$; exec sleep 50").wait()
    #expect(outcome.code == 128 + SIGSEGV)
    #expect(outcome.errors.contains("was killed by SIGSEGV; stopping all ranks"))
  }

  @Test func aRankThatIsKilledFromOutsideEndsAll() throws {
    let run = try launch(2, script: "echo $$ > $SCRATCH/pid.$RANK; exec sleep 50")
    let pids = try pids(of: run, 2)
    kill(pids[1], SIGKILL)
    let outcome = run.wait()
    #expect(outcome.code == 137)
    #expect(outcome.errors.contains("rank 1 (pid \(pids[1])) was killed by SIGKILL; stopping all ranks"))
    #expect(kill(pids[0], 0) == -1)
  }

  @Test func aRankThatIgnoresSIGTERMIsKilledWithAllThatItStarted() throws {
    let run = try launch(
      2, ["--stop-timeout", "0.3"],
      script: "[ $RANK = 0 ] && exit 4; trap '' TERM; sleep 51 & sleep 51; sleep 51",
      environment: ["MARK": "stubborn-\(getpid())"])
    #expect(run.wait().code == 4)
    #expect(ProbeProcess.waits { ProbeProcess.processes(with: "MARK=stubborn-\(getpid())").isEmpty })
  }

  @Test func whatARankLeavesBehindIsKilled() throws {
    let outcome = try launch(1, script: "sleep 52 & exit 0", environment: ["MARK": "left-\(getpid())"]).wait()
    #expect(outcome.code == 0)
    #expect(ProbeProcess.waits { ProbeProcess.processes(with: "MARK=left-\(getpid())").isEmpty })
  }

  @Test func nothingOutlivesALauncherThatIsKilled() throws {
    let mark = "orphan-\(getpid())"
    let run = try launch(
      3, script: "trap '' TERM HUP INT; echo $$ > $SCRATCH/pid.$RANK; sleep 53 & sleep 53", environment: ["MARK": mark])
    _ = try pids(of: run, 3)
    #expect(ProbeProcess.processes(with: "MARK=\(mark)").count >= 7)
    kill(run.process.processIdentifier, SIGKILL)
    #expect(run.wait().code == -SIGKILL)
    #expect(ProbeProcess.waits { ProbeProcess.processes(with: "MARK=\(mark)").isEmpty })
  }

  @Test func aLauncherWithoutItsGuardStops() throws {
    let run = try launch(1, script: "echo $$ > $SCRATCH/pid.$RANK; exec sleep 54")
    let pid = try pids(of: run, 1)[0]
    let parent = run.process.processIdentifier
    let children = try String(contentsOfFile: "/proc/\(parent)/task/\(parent)/children", encoding: .utf8)
      .split(separator: " ").compactMap { Int32($0) }
    let other = try #require(children.first { $0 != pid })
    kill(other, SIGKILL)
    let outcome = run.wait()
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("the process that guards the ranks was killed"))
    #expect(kill(pid, 0) == -1)
  }

  @Test(arguments: [(SIGTERM, "TERM"), (SIGINT, "INT"), (SIGHUP, "HUP")])
  func signalsGoToAllRanksWhichMayFinish(_ number: Int32, _ name: String) throws {
    let run = try launch(
      2,
      script: """
        trap 'echo saved; exit \(128 + number)' \(name); echo $$ > $SCRATCH/pid.$RANK
        while :; do sleep 0.05; done
        """)
    _ = try pids(of: run, 2)
    kill(run.process.processIdentifier, number)
    let outcome = run.wait()
    #expect(outcome.code == 128 + number)
    #expect(outcome.lines.sorted() == ["[rank 0] saved", "[rank 1] saved"])
    #expect(!outcome.errors.contains("exited with"))
    #expect(outcome.errors.contains("SIG\(name) goes to all ranks"))
  }

  @Test func ranksThatFinishDespiteASignalAreNoFailure() throws {
    let run = try launch(2, script: "trap '' TERM; echo $$ > $SCRATCH/pid.$RANK; sleep 0.5; exit 0")
    _ = try pids(of: run, 2)
    kill(run.process.processIdentifier, SIGTERM)
    #expect(run.wait().code == 0)
  }

  @Test func aFailureAfterASignalIsAFailure() throws {
    let run = try launch(
      2, ["--max-restarts", "3"],
      script: "trap 'exit 5' TERM; echo $$ > $SCRATCH/pid.$RANK; while :; do sleep 0.05; done")
    _ = try pids(of: run, 2)
    kill(run.process.processIdentifier, SIGTERM)
    let outcome = run.wait()
    #expect(outcome.code == 5)
    #expect(!outcome.errors.contains("restart"))
  }

  @Test func aSecondInterruptKills() throws {
    let run = try launch(2, script: "trap '' INT TERM; echo $$ > $SCRATCH/pid.$RANK; sleep 55; sleep 55")
    let pids = try pids(of: run, 2)
    kill(run.process.processIdentifier, SIGINT)
    #expect(run.waits { run.errors.contains("once more kills them") })
    #expect(kill(pids[0], 0) == 0)
    kill(run.process.processIdentifier, SIGINT)
    #expect(run.wait().code == 130)
    #expect(pids.allSatisfy { kill($0, 0) == -1 })
  }

  @Test func restartsCountAndChangeThePort() throws {
    let outcome = try launch(
      2, ["--max-restarts", "2"],
      script:
        "[ $RANK = 0 ] && echo $VITRAIL_RESTART_COUNT $TORCHELASTIC_RESTART_COUNT $MASTER_PORT; [ $RANK = 0 ] || exit 6; exec sleep 50"
    ).wait()
    #expect(outcome.code == 6)
    let words = outcome.lines.map { $0.split(separator: " ") }
    #expect(words.map { $0[2] } == ["0", "1", "2"])
    #expect(words.map { $0[3] } == ["0", "1", "2"])
    #expect(Set(words.map { $0[4] }).count == 3)
    #expect(outcome.errors.contains("starting all again (restart 1 of 2)"))
    #expect(outcome.errors.contains("starting all again (restart 2 of 2)"))
    #expect(outcome.errorLines.last?.hasSuffix("exited with code 6; stopping all ranks") == true)
  }

  @Test func aRestartThatSucceedsSucceeds() throws {
    let outcome = try launch(2, ["--max-restarts", "1"], script: "[ $VITRAIL_RESTART_COUNT = 1 ] || kill -KILL $$")
      .wait()
    #expect(outcome.code == 0)
  }

  @Test func filesHoldWhatRanksSay() throws {
    let scratch = try ProbeProcess("/bin/true", []).scratch
    let folder = "\(scratch.path)/logs/run"
    let outcome = try launch(
      2, ["--output", "files", "--log-dir", folder, "--max-restarts", "1"],
      script: "echo out $RANK; echo err $RANK >&2; [ $RANK = 0 ] || exit 8; exec sleep 50"
    ).wait()
    #expect(outcome.code == 8)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("vitrail launch: | err 1"))
    let text = try String(contentsOfFile: "\(folder)/rank-1.log", encoding: .utf8)
    #expect(text.split(separator: "\n").sorted() == ["--- start 2 ---", "err 1", "err 1", "out 1", "out 1"])
  }

  @Test func linesOfRanksStayWhole() throws {
    let outcome = try launch(
      4, script: "for i in $(seq 300); do printf 'line %s of ' $i; printf 'rank %s.\\n' $RANK; done"
    ).wait()
    #expect(outcome.lines.count == 1200)
    for rank in 0..<4 {
      let own = outcome.lines.filter { $0.hasPrefix("[rank \(rank)] ") }
      #expect(own == (1...300).map { "[rank \(rank)] line \($0) of rank \(rank)." })
    }
  }

  @Test func aReaderThatLeavesEndsNoRank() throws {
    let script =
      #"$P launch --nproc-per-node 2 -- sh -c 'seq 20000; echo done > $SCRATCH/done.$RANK' | head -n 1; ls $SCRATCH"#
    let outcome = try ProbeProcess("/bin/sh", ["-c", script]).wait()
    #expect(outcome.lines.filter { $0.hasPrefix("done.") } == ["done.0", "done.1"])
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script"), "there is no script(1)"))
  func theFirstRankDrawsOnTheTerminal() throws {
    let inner =
      #"$P launch --nproc-per-node 2 -- sh -c "#
      + #"'[ -t 2 ] && printf "\\r50%%" >&2 && sleep 0.3 && printf "\\r" >&2; echo rank $RANK >&2'"#
    let script = "exec script -qec \"$INNER\" /dev/null"
    let outcome = try ProbeProcess("/bin/sh", ["-c", script], ["INNER": inner, "TERM": "xterm"]).wait()
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("\r50%"), "\(outcome.output.debugDescription)")
    #expect(outcome.output.contains("[rank 0] rank 0"))
    #expect(outcome.output.contains("[rank 1] rank 1"))
  }

  @Test(arguments: [
    ["--nproc-per-node", "0", "--", "true"], ["--nproc-per-node", "x", "--", "true"], ["--nproc-per-node", "2"],
    ["--nproc-per-node", "2", "--", "no-such-program"], ["--nproc-per-node", "2", "--", "./none"], ["--", "true"],
    ["--nproc-per-node", "2", "--nnodes", "0", "--", "true"],
    ["--nproc-per-node", "2", "--nnodes", "3:2", "--", "true"],
    ["--nproc-per-node", "2", "--nnodes", "2", "--", "true"],
    ["--nproc-per-node", "2", "--nnodes", "2", "--rendezvous", "x", "--", "true"],
    ["--nproc-per-node", "2", "--nnodes", "2", "--node-rank", "2", "--rendezvous", "x:1", "--", "true"],
    ["--nproc-per-node", "2", "--output", "files", "--", "true"], ["--hostfile", "/none", "--", "true"],
    ["--nproc-per-node", "2", "--max-restarts=-1", "--", "true"],
    ["--nproc-per-node", "2", "--stop-timeout=-1", "--", "true"],
    ["--nproc-per-node", "2", "--job-id", "a b", "--", "true"],
    ["--nproc-per-node", "2", "--rendezvous", "x:1", "--monitor-interval", "nan", "--", "true"],
  ]) func wrongUsageIsOneLine(_ arguments: [String]) throws {
    let outcome = try ProbeProcess.launch(arguments)
    #expect(outcome.code == 2)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.hasPrefix("vitrail: "))
  }

  @Test func autoIsOneRankUnlessThreadsAreSaid() throws {
    #expect(try ProbeProcess.launch(["--nproc-per-node", "auto", "--", "place"]).lines.count == 1)
    let all = ProcessInfo.processInfo.activeProcessorCount
    let outcome = try ProbeProcess.launch(
      ["--nproc-per-node", "auto", "--", "place"], environment: ["OMP_NUM_THREADS": "1"])
    #expect(outcome.lines.count == all)
  }

  /// Waits until so many ranks have written their process numbers.
  private func pids(of run: ProbeProcess, _ count: Int) throws -> [Int32] {
    var pids: [Int32] = []
    let areThere = run.waits {
      pids = (0..<count).compactMap { rank in
        (try? String(contentsOfFile: "\(run.scratch.path)/pid.\(rank)", encoding: .utf8))
          .flatMap { Int32($0.trimmingCharacters(in: .newlines)) }
      }
      return pids.count == count
    }
    try #require(areThere, "\(run.errors)")
    return pids
  }
}
