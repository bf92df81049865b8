import DataTestSupport
import Files
import Foundation
import Testing

@testable import Launch

/// Several launchers on one machine, as hosts that meet over loopback.
struct MultiNodeTests {
  private func node(
    _ rank: Int?, of nodes: String, at port: Int, slots: Int = 1, _ options: [String] = [], script: String,
    environment: [String: String] = [:]
  ) throws -> ProbeProcess {
    try ProbeProcess(
      launch: ["--nproc-per-node", "\(slots)", "--nnodes", nodes, "--rendezvous", "127.0.0.1:\(port)"]
        + (rank.map { ["--node-rank", "\($0)"] } ?? []) + options + ["--", "sh", "-c", script], environment: environment
    )
  }

  @Test func twoNodesMakeOneWorld() throws {
    let port = FreePort.find()
    let script =
      "echo $RANK/$WORLD_SIZE local $LOCAL_RANK/$LOCAL_WORLD_SIZE node $GROUP_RANK/$GROUP_WORLD_SIZE $MASTER_ADDR"
    let second = try node(1, of: "2", at: port, slots: 2, script: script)
    let first = try node(0, of: "2", at: port, slots: 1, script: script)
    let outcomes = [first.wait(), second.wait()]
    #expect(outcomes.map(\.code) == [0, 0], "\(outcomes[0].errors) \(outcomes[1].errors)")
    #expect(outcomes[0].lines == ["[rank 0] 0/3 local 0/1 node 0/2 127.0.0.1"])
    #expect(
      outcomes[1].lines.sorted() == [
        "[rank 1] 1/3 local 0/2 node 1/2 127.0.0.1", "[rank 2] 2/3 local 1/2 node 1/2 127.0.0.1",
      ])
  }

  @Test func aFailureAnywhereIsKnownEverywhere() throws {
    let port = FreePort.find()
    let script = "[ $RANK = 1 ] && { echo because >&2; exit 9; }; exec sleep 50"
    let nodes = try (0..<2).map { try node($0, of: "2", at: port, ["--max-restarts", "1"], script: script) }
    for outcome in nodes.map({ $0.wait() }) {
      #expect(outcome.code == 9)
      let text = outcome.errorLines.filter { $0.contains("rank 1 (pid ") }
      #expect(text.count == 2)
      #expect(text.first?.hasSuffix("exited with code 9; starting all again (restart 1 of 1)") == true)
      #expect(text.last?.hasSuffix("exited with code 9; stopping all ranks") == true)
      #expect(outcome.errors.contains("vitrail launch: | because"))
    }
  }

  @Test func aLostNodeEndsTheJob() throws {
    let port = FreePort.find()
    let mark = "lost-\(getpid())"
    let nodes = try (0..<2).map {
      try node($0, of: "2", at: port, script: "echo up; exec sleep 56", environment: ["MARK": mark])
    }
    #expect(nodes[0].waits { nodes.allSatisfy { !$0.output.isEmpty } })
    kill(nodes[1].process.processIdentifier, SIGKILL)
    let outcome = nodes[0].wait()
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("node 1 (\(HostNames.own), rank 1) was lost; stopping all ranks"))
    #expect(ProbeProcess.waits { ProbeProcess.processes(with: "MARK=\(mark)").isEmpty })
  }

  @Test func aLostRendezvousEndsTheJobWithOneMessage() throws {
    let port = FreePort.find()
    let nodes = try (0..<2).map { try node($0, of: "2", at: port, script: "echo up; exec sleep 57") }
    #expect(nodes[0].waits { nodes.allSatisfy { !$0.output.isEmpty } })
    kill(nodes[0].process.processIdentifier, SIGKILL)
    let outcome = nodes[1].wait()
    #expect(outcome.code == 1)
    #expect(
      outcome.errorLines == [
        "vitrail launch: the rendezvous at 127.0.0.1:\(port) was lost; the ranks of this host are stopped"
      ])
  }

  @Test func aFrozenNodeIsLost() throws {
    let port = FreePort.find()
    let nodes = try (0..<2).map {
      try node($0, of: "2", at: port, ["--heartbeat-timeout", "1"], script: "echo up; exec sleep 58")
    }
    #expect(nodes[0].waits { nodes.allSatisfy { !$0.output.isEmpty } })
    kill(nodes[1].process.processIdentifier, SIGSTOP)
    let outcome = nodes[0].wait()
    kill(nodes[1].process.processIdentifier, SIGCONT)
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("was lost; stopping all ranks"))
    // The one that wakes up learns that it was given up, and stops its ranks.
    #expect(nodes[1].wait().code == 1)
  }

  @Test func anElasticJobGoesOn() throws {
    let port = FreePort.find()
    let script = "echo start $VITRAIL_RESTART_COUNT of $WORLD_SIZE; [ $WORLD_SIZE = 2 ] || exec sleep 59"
    let options = ["--join-timeout", "8"]
    var nodes = [try node(0, of: "2:3", at: port, options, script: script)]
    // A node without a rank would be the one that listens, if it came first.
    let listening = " 0100007F:" + String(format: "%04X", port) + " 00000000:0000 0A "
    #expect(try nodes[0].waits { try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8).contains(listening) })
    for _ in 0..<2 { nodes.append(try node(nil, of: "2:3", at: port, options, script: script)) }
    #expect(nodes[0].waits { nodes.allSatisfy { $0.output.contains("start 0 of 3") } })
    kill(nodes[2].process.processIdentifier, SIGKILL)
    for outcome in nodes[..<2].map({ $0.wait() }) {
      #expect(outcome.code == 0)
      #expect(outcome.output.contains("start 1 of 2"))
      #expect(outcome.errors.contains("was lost; going on with the nodes that are left"))
    }
  }

  @Test func nodesThatDoNotComeAreNamed() throws {
    let outcome = try node(0, of: "3", at: FreePort.find(), ["--join-timeout", "0.5"], script: "true").wait()
    #expect(outcome.code == 1)
    #expect(outcome.errorLines == ["vitrail launch: only 1 of 3 nodes came within 0 s; missing: node 1, 2"])
  }

  @Test func aRendezvousThatNobodyHoldsIsNamed() throws {
    let port = FreePort.find()
    let outcome = try node(1, of: "2", at: port, ["--join-timeout", "0.5"], script: "true").wait()
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("nobody waits at 127.0.0.1:\(port)"))
  }

  @Test func aPortInUseIsNamed() throws {
    let port = FreePort.find()
    let server = try RendezvousServer(at: RendezvousAddress(host: "127.0.0.1", port: port), Coordinator.Settings())
    defer { server.close() }
    let outcome = try node(0, of: "2", at: port, script: "true").wait()
    #expect(outcome.code == 1)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.contains("the port \(port) of 127.0.0.1 is in use"))
  }

  @Test func twoJobsAtOnePortDoNotMix() throws {
    let port = FreePort.find()
    let first = try node(0, of: "2", at: port, ["--job-id", "a"], script: "echo $WORLD_SIZE")
    let stranger = try node(1, of: "2", at: port, ["--job-id", "b"], script: "echo $WORLD_SIZE").wait()
    #expect(stranger.code == 1)
    #expect(stranger.errors.contains("another job waits here"))
    let second = try node(1, of: "2", at: port, ["--job-id", "a"], script: "echo $WORLD_SIZE")
    #expect(first.wait().lines == ["[rank 0] 2"])
    #expect(second.wait().lines == ["[rank 1] 2"])
  }

  @Test func aSignalAtOneNodeReachesAll() throws {
    let port = FreePort.find()
    let script = "trap 'echo saved; exit 143' TERM; echo up; while :; do sleep 0.05; done"
    let nodes = try (0..<2).map { try node($0, of: "2", at: port, script: script) }
    #expect(nodes[0].waits { nodes.allSatisfy { !$0.output.isEmpty } })
    kill(nodes[1].process.processIdentifier, SIGTERM)
    for (rank, outcome) in nodes.map({ $0.wait() }).enumerated() {
      #expect(outcome.code == 143)
      #expect(outcome.lines == ["[rank \(rank)] up", "[rank \(rank)] saved"])
    }
  }
}

/// Hosts of a file, reached by a stand-in for ssh that runs the command here.
struct HostFileLaunchTests {
  private func launch(
    _ words: [String], ssh: String = "shift; exec sh -c \"$*\"", mark: String = "x"
  ) throws -> ProbeProcess {
    let scratch = try ScratchFolder()
    let file = try scratch.write("#!/bin/sh\n\(ssh)\n", "ssh")
    try scratch.write("127.0.0.1 slots=1\n127.0.0.2 slots=2\n", "hosts")
    _ = file.withCString { chmod($0, 0o755) }
    let run = try ProbeProcess(
      launch: ["--hostfile", "\(scratch.path)/hosts", "--"] + words,
      environment: ["VITRAIL_SSH": "\(file)", "MARK": mark])
    // The folder goes with this object, and is read at the start.
    kept.append(scratch)
    return run
  }

  private let kept = Kept()
  private final class Kept {
    private var folders: [ScratchFolder] = []
    func append(_ folder: ScratchFolder) { folders.append(folder) }
  }

  @Test func theHostsOfAFileMakeOneWorld() throws {
    let outcome = try launch(["place"]).wait()
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = outcome.lines.sorted()
    #expect(lines.count == 3)
    for (rank, line) in lines.enumerated() {
      #expect(line.hasPrefix("[rank \(rank)] rank \(rank) of 3, local rank \(max(0, rank - 1)), master 127.0.0.1:"))
    }
  }

  @Test func wordsReachTheOtherHostAsTheyAre() throws {
    let word = #"a b'c"d$e\f;*"#
    let outcome = try launch(["sh", "-c", #"printf '%s\n' "$0""#, word]).wait()
    #expect(outcome.lines.sorted() == (0..<3).map { "[rank \($0)] \(word)" })
  }

  @Test func aFailureOverThereIsSaidOnce() throws {
    let outcome = try launch(["sh", "-c", "[ $RANK = 2 ] && { echo why >&2; kill -ABRT $$; }; exec sleep 60"]).wait()
    #expect(outcome.code == 134)
    let own = outcome.errorLines.filter { $0.hasPrefix("vitrail launch:") }
    #expect(own.count == 3, "\(outcome.errors)")
    #expect(own[0].contains("was killed by SIGABRT; stopping all ranks"))
    #expect(own[2] == "vitrail launch: | why")
  }

  @Test func nothingOutlivesTheLauncherOnAnyHost() throws {
    let mark = "hosts-\(getpid())"
    let run = try launch(["sh", "-c", "trap '' TERM; echo up; sleep 61; sleep 61"], mark: mark)
    #expect(run.waits { run.output.split(separator: "\n").count == 3 })
    kill(run.process.processIdentifier, SIGKILL)
    #expect(ProbeProcess.waits { ProbeProcess.processes(with: "MARK=\(mark)").isEmpty })
  }

  @Test func anSSHThatFailsIsNamed() throws {
    let outcome = try launch(["place"], ssh: "echo 'Permission denied (publickey).' >&2; exit 255").wait()
    #expect(outcome.code == 1)
    #expect(
      outcome.errors.contains(
        "the launcher on 127.0.0.2 exited with code 255: Permission denied (publickey).; all ranks were stopped"))
  }

  @Test func aHostFileWithoutThisHostIsRefused() throws {
    let scratch = try ScratchFolder()
    try scratch.write("192.0.2.1 slots=1\n192.0.2.3 slots=1\n", "hosts")
    let outcome = try ProbeProcess.launch(["--hostfile", "\(scratch.path)/hosts", "--", "true"])
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains("the host file does not name this host"))
  }
}

/// Hosts that are network namespaces of this machine: own addresses, a link between them that can be cut.
struct NamespaceTests {
  /// Why there are none.
  static let hindrance: String? = {
    guard getuid() == 0 else { return "network namespaces need root" }
    guard let run = try? ProbeProcess("/bin/sh", ["-c", "ip netns add vt-probe && ip netns del vt-probe"]),
      run.wait().code == 0
    else { return "ip netns does not work here" }
    return nil
  }()

  @Test(.enabled(if: hindrance == nil, "\(hindrance ?? "")"))
  func hostsWithoutALinkLoseEachOther() throws {
    // $A and $B are hosts; a marked process is one that has the variable in its environment.
    let script = #"""
      A=vta-$$ B=vtb-$$
      trap 'ip netns del $A; ip netns del $B' EXIT
      ip netns add $A && ip netns add $B && ip link add va$$ netns $A type veth peer name vb$$ netns $B || exit 99
      ip -n $A addr add 10.99.0.1/24 dev va$$; ip -n $B addr add 10.99.0.2/24 dev vb$$
      for n in $A $B; do ip -n $n link set lo up; done
      ip -n $A link set va$$ up; ip -n $B link set vb$$ up
      go() { ip netns exec $1 "$P" launch --nproc-per-node 1 --nnodes 2 --node-rank $2 --rendezvous 10.99.0.1:29400 \
        --heartbeat-timeout 2 --stop-timeout 1 -- sh -c 'echo "$RANK of $WORLD_SIZE at $MASTER_ADDR"; exec sleep 62'; }
      go $A 0 >$SCRATCH/a 2>&1 & a=$!
      go $B 1 >$SCRATCH/b 2>&1 & b=$!
      for i in $(seq 200); do grep -q of $SCRATCH/a && grep -q of $SCRATCH/b && break; sleep 0.1; done
      ip -n $A link set va$$ down
      wait $a; echo a $?; wait $b; echo b $?
      cat $SCRATCH/a $SCRATCH/b
      """#
    let outcome = try ProbeProcess("/bin/bash", ["-c", script]).wait()
    #expect(outcome.lines.contains("a 1"), "\(outcome.output) \(outcome.errors)")
    #expect(outcome.lines.contains("b 1"))
    #expect(outcome.lines.contains("[rank 0] 0 of 2 at 10.99.0.1"))
    #expect(outcome.lines.contains("[rank 1] 1 of 2 at 10.99.0.1"))
    #expect(outcome.output.contains("node 1 (\(HostNames.own), rank 1) was lost; stopping all ranks"))
    #expect(outcome.output.contains("the rendezvous at 10.99.0.1:29400 was lost: no sign of life for 2 s"))
  }
}
