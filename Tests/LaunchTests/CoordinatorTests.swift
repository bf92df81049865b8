import Testing

@testable import Launch

/// The decisions alone, by a clock of the test's own.
struct CoordinatorTests {
  private func coordinator(
    _ nodes: NodeRange, restarts: Int = 0, _ change: (inout Coordinator.Settings) -> Void = { _ in }
  ) -> Coordinator {
    var settings = Coordinator.Settings()
    settings.jobID = "job"
    settings.nodes = nodes
    settings.maxRestarts = restarts
    change(&settings)
    var port = 7000
    return Coordinator(settings, now: 0) {
      port += 1
      return port
    }
  }

  private func join(_ nodes: NodeRange, rank: Int? = nil, slots: Int = 1, job: String = "job") -> NodeMessage {
    .join(JoinRequest(jobID: job, nodes: nodes, nodeRank: rank, numSlots: slots, host: "h\(rank ?? 9)"))
  }

  private func starts(_ coordinator: inout Coordinator) -> [Int: Assignment] {
    var found: [Int: Assignment] = [:]
    for (id, order) in coordinator.takeOrders() { if case .start(let assignment) = order { found[id] = assignment } }
    return found
  }

  private func refusals(_ coordinator: inout Coordinator) -> [String] {
    coordinator.takeOrders().compactMap { if case .refused(let reason) = $0.order { reason } else { nil } }
  }

  private func ends(_ coordinator: inout Coordinator) -> [Int: (code: Int32, text: String?)] {
    var found: [Int: (code: Int32, text: String?)] = [:]
    for (id, order) in coordinator.takeOrders() {
      if case .end(let code, let text) = order { found[id] = (code, text) }
    }
    return found
  }

  private let failure = RankFailure(rank: 1, pid: 5, host: "h1", end: .killed(9), lastLines: ["x"])

  @Test func ranksFollowNodeRanksAndSlots() {
    let three = NodeRange(3, 3)
    var coordinator = coordinator(three)
    coordinator.receive(join(three, rank: 2, slots: 2), from: 1, now: 0)
    coordinator.receive(join(three, rank: 0, slots: 3), from: 2, now: 1)
    #expect(starts(&coordinator).isEmpty)
    coordinator.receive(join(three, slots: 4), from: 3, now: 2)
    let assignments = starts(&coordinator)
    #expect(assignments[2]?.nodeRank == 0)
    #expect(assignments[3]?.nodeRank == 1)
    #expect(assignments[1]?.nodeRank == 2)
    #expect([2, 3, 1].map { assignments[$0]?.firstRank } == [0, 3, 7])
    #expect(assignments.values.allSatisfy { $0.worldSize == 9 && $0.numNodes == 3 && $0.masterPort == 7001 })
  }

  @Test func aJobThatIsNotThisOneIsRefused() {
    let two = NodeRange(2, 2)
    for (message, reason) in [
      (join(two, job: "other"), "another job waits here"), (join(NodeRange(3, 3)), "was started with --nnodes 2"),
      (join(two, rank: 2), "node rank 2 does not go with"), (join(two, rank: 0), "a node with the rank 0 already"),
      (join(two, slots: 0), "cannot be"), (join(two, slots: .max), "cannot be"), (NodeMessage.beat, "did not join"),
      (.failed(generation: 0, failure), "did not join"), (.stopped(generation: 0), "did not join"),
      (.signal(2), "did not join"),
    ] {
      var coordinator = coordinator(two)
      coordinator.receive(join(two, rank: 0), from: 1, now: 0)
      _ = coordinator.takeOrders()
      coordinator.receive(message, from: 2, now: 0)
      let said = refusals(&coordinator)
      #expect(said.count == 1 && said[0].contains(reason), "\(message): \(said)")
      #expect(coordinator.nodes.count == 1)
    }
  }

  @Test func aThirdNodeOfTwoIsRefused() {
    let two = NodeRange(2, 2)
    var coordinator = running(two)
    coordinator.receive(join(two), from: 3, now: 1)
    #expect(refusals(&coordinator) == ["all 2 nodes are here"])
  }

  private func running(_ nodes: NodeRange, restarts: Int = 0) -> Coordinator {
    var coordinator = coordinator(nodes, restarts: restarts)
    for number in 0..<nodes.most { coordinator.receive(join(nodes, rank: number), from: number + 1, now: 0) }
    _ = coordinator.takeOrders()
    return coordinator
  }

  @Test func aFailureStopsAllAndEndsWithItsCode() {
    var coordinator = running(NodeRange(2, 2))
    coordinator.receive(.failed(generation: 0, failure), from: 2, now: 1)
    let orders = coordinator.takeOrders()
    #expect(orders.map(\.to) == [1, 2])
    #expect(
      orders.map(\.order)
        == Array(
          repeating: .stop(
            generation: 0, text: "rank 1 (pid 5 on h1) was killed by SIGKILL; stopping all ranks", failure: failure),
          count: 2))
    coordinator.receive(.stopped(generation: 0), from: 2, now: 2)
    #expect(ends(&coordinator).isEmpty)
    coordinator.receive(.stopped(generation: 0), from: 1, now: 2)
    let ended = ends(&coordinator)
    #expect(ended[1]?.code == 137)
    #expect(ended[2]?.code == 137)
  }

  @Test func onlyTheFirstFailureCounts() {
    var coordinator = running(NodeRange(2, 2))
    coordinator.receive(.failed(generation: 0, failure), from: 2, now: 1)
    _ = coordinator.takeOrders()
    var other = failure
    other.end = .exited(1)
    coordinator.receive(.failed(generation: 0, other), from: 1, now: 1)
    #expect(coordinator.takeOrders().isEmpty)
    for id in [1, 2] { coordinator.receive(.stopped(generation: 0), from: id, now: 2) }
    #expect(ends(&coordinator)[1]?.code == 137)
  }

  @Test func aRestartHasANewGenerationAndPort() {
    var coordinator = running(NodeRange(2, 2), restarts: 1)
    coordinator.receive(.failed(generation: 0, failure), from: 2, now: 1)
    for id in [1, 2] { coordinator.receive(.stopped(generation: 0), from: id, now: 2) }
    let assignments = starts(&coordinator)
    #expect(assignments.count == 2)
    #expect(assignments[1]?.generation == 1)
    #expect(assignments[1]?.masterPort == 7002)
    // A word from before the restart changes nothing.
    coordinator.receive(.failed(generation: 0, failure), from: 1, now: 3)
    coordinator.receive(.stopped(generation: 0), from: 1, now: 3)
    coordinator.receive(.finished(generation: 0, code: 0), from: 1, now: 3)
    #expect(coordinator.phase == .running)
    coordinator.receive(.failed(generation: 1, failure), from: 2, now: 4)
    for id in [1, 2] { coordinator.receive(.stopped(generation: 1), from: id, now: 5) }
    #expect(ends(&coordinator)[1]?.code == 137)
  }

  @Test func allThatFinishFinish() {
    var coordinator = running(NodeRange(2, 2))
    coordinator.receive(.finished(generation: 0, code: 0), from: 1, now: 1)
    #expect(ends(&coordinator).isEmpty)
    // A node that has finished and is gone is not missed.
    coordinator.lose(1, now: 1)
    coordinator.receive(.finished(generation: 0, code: 0), from: 2, now: 2)
    #expect(ends(&coordinator)[2]?.code == 0)
  }

  @Test func aSilentNodeIsLost() {
    var coordinator = running(NodeRange(2, 2))
    coordinator.receive(.beat, from: 1, now: 14)
    coordinator.tick(14.9)
    #expect(refusals(&coordinator).isEmpty)
    coordinator.tick(15.1)
    let orders = coordinator.takeOrders()
    #expect(orders.contains { $0 == (2, .refused("no sign of life for 15 s")) })
    #expect(
      orders.contains {
        $0 == (1, .stop(generation: 0, text: "node 1 (h1, rank 1) was lost; stopping all ranks", failure: nil))
      })
    coordinator.receive(.stopped(generation: 0), from: 1, now: 16)
    #expect(ends(&coordinator)[1]?.code == 1)
  }

  @Test func aNodeThatDoesNotStopIsGivenUp() {
    var coordinator = running(NodeRange(2, 2), restarts: 0)
    coordinator.receive(.failed(generation: 0, failure), from: 1, now: 0)
    coordinator.receive(.stopped(generation: 0), from: 1, now: 1)
    for now in stride(from: 1.0, through: 39, by: 1) {
      for id in [1, 2] { coordinator.receive(.beat, from: id, now: now) }
    }
    coordinator.tick(39.9)
    #expect(coordinator.phase == .stopping(until: 40))
    coordinator.tick(40.1)
    #expect(coordinator.phase == .ended)
  }

  @Test func anElasticJobStartsAndGoesOnWithWhatThereIs() {
    let range = NodeRange(2, 3)
    var coordinator = coordinator(range)
    coordinator.receive(join(range, rank: 0), from: 1, now: 0)
    coordinator.receive(join(range), from: 2, now: 1)
    coordinator.tick(5.9)
    #expect(starts(&coordinator).isEmpty, "more may come")
    coordinator.tick(6.1)
    #expect(starts(&coordinator)[2]?.worldSize == 2)
    // One that comes later has its place at the next start, which the loss of another brings.
    coordinator.receive(join(range), from: 3, now: 7)
    #expect(starts(&coordinator).isEmpty)
    coordinator.lose(2, now: 8)
    coordinator.receive(.stopped(generation: 0), from: 1, now: 9)
    coordinator.tick(14.1)
    let assignments = starts(&coordinator)
    #expect(assignments.keys.sorted() == [1, 3])
    #expect(assignments[3]?.generation == 1)
    #expect(assignments[3]?.nodeRank == 1)
  }

  @Test func anElasticJobEndsBelowItsLeast() {
    let range = NodeRange(2, 3)
    var coordinator = coordinator(range) { $0.joinTimeout = 20 }
    for id in [1, 2] { coordinator.receive(join(range, rank: id - 1), from: id, now: 0) }
    coordinator.tick(5.1)
    coordinator.lose(2, now: 6)
    coordinator.receive(.stopped(generation: 0), from: 1, now: 7)
    coordinator.receive(.beat, from: 1, now: 26)
    coordinator.tick(27.1)
    let text = ends(&coordinator)[1]?.text
    #expect(text == "only 1 of 2 nodes came within 20 s; missing: node 1 (before: node 1 (h1, rank 1) was lost)")
  }

  @Test func missingNodesAreNamed() {
    let four = NodeRange(4, 4)
    var coordinator = coordinator(four) { $0.joinTimeout = 10 }
    coordinator.receive(join(four, rank: 0), from: 1, now: 0)
    coordinator.receive(join(four, rank: 2), from: 2, now: 0)
    coordinator.tick(10)
    #expect(ends(&coordinator)[1]?.text == "only 2 of 4 nodes came within 10 s; missing: node 1, 3")
  }

  @Test func aSignalGoesToTheOthersAndForbidsRestarts() {
    var coordinator = running(NodeRange(2, 2), restarts: 5)
    coordinator.receive(.signal(15), from: 2, now: 1)
    #expect(coordinator.takeOrders().map { $0.to } == [1])
    coordinator.receive(.failed(generation: 0, failure), from: 1, now: 2)
    for id in [1, 2] { coordinator.receive(.stopped(generation: 0), from: id, now: 3) }
    #expect(ends(&coordinator)[1]?.code == 137)
  }
}
