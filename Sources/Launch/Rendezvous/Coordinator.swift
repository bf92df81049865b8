/// Decides for all launchers of a job: who takes part, which ranks they have, what follows when a rank or a host is
/// lost. It knows no sockets and no clock, only what it is told and when.
struct Coordinator {
  /// What a job is asked to be.
  struct Settings: Sendable {
    var jobID = ""
    var nodes = NodeRange(1, 1)
    var maxRestarts = 0
    var masterAddress = "127.0.0.1"
    /// Seconds that hosts have to come.
    var joinTimeout = 600.0
    /// Seconds without a sign of life after which a host is lost.
    var heartbeatTimeout = 15.0
    /// Seconds that an elastic job waits for more hosts than it needs.
    var lastCall = 5.0
    /// Seconds that ranks have to leave.
    var stopTimeout = 30.0
  }

  enum Phase: Equatable { case gathering(until: Double), running, stopping(until: Double), ended }

  /// A launcher that takes part.
  struct Node {
    var join: JoinRequest
    var arrival: Int
    var lastSeen: Double
    var assignment: Assignment?
  }

  let settings: Settings
  private let freePort: () -> Int
  private(set) var phase: Phase
  private(set) var nodes: [Int: Node] = [:]
  private var generation = 0
  private var numFailures = 0
  private var signalled: Int32?
  private var worstCode: Int32 = 0
  private var failure: RankFailure?
  private var reason = ""
  private var lossOnly = false
  private var pending: Set<Int> = []
  private var lastJoin = 0.0
  private var lastBeat = 0.0
  private var numArrivals = 0
  private var orders: [(to: Int, order: Order)] = []

  /// - Parameter freePort: A port that nobody uses, another one each time.
  init(_ settings: Settings, now: Double, freePort: @escaping () -> Int) {
    self.settings = settings
    self.freePort = freePort
    phase = .gathering(until: now + settings.joinTimeout)
  }

  /// What is to be sent, by connection.
  mutating func takeOrders() -> [(to: Int, order: Order)] {
    defer { orders = [] }
    return orders
  }

  mutating func receive(_ message: NodeMessage, from id: Int, now: Double) {
    if case .join(let join) = message { return take(join, from: id, now: now) }
    guard nodes[id] != nil else { return refuse(id, "this launcher did not join") }
    nodes[id]?.lastSeen = now
    switch message {
    case .join, .beat: break
    case .failed(let number, let failure):
      guard number == generation, phase == .running else { return }
      stop(failure.description, failure, isLoss: false, now: now)
    case .stopped(let number):
      guard number == generation, case .stopping = phase else { return }
      pending.remove(id)
      goOn(now)
    case .finished(let number, let code):
      guard number == generation else { return }
      worstCode = max(worstCode, code)
      pending.remove(id)
      if phase == .running { if pending.isEmpty { end(worstCode, nil) } } else { goOn(now) }
    case .signal(let number):
      signalled = signalled ?? number
      if case .gathering = phase { return end(128 + number, nil) }
      for other in nodes.keys.sorted() where other != id { orders.append((other, .signal(number))) }
    }
  }

  /// A connection is gone.
  mutating func lose(_ id: Int, now: Double) {
    guard let node = nodes.removeValue(forKey: id), phase != .ended else { return }
    let wasPending = pending.remove(id) != nil
    guard let assignment = node.assignment, assignment.generation == generation else { return }
    switch phase {
    case .running:
      // One that has finished is not missed.
      guard wasPending else { return }
      let last = assignment.firstRank + assignment.numRanks - 1
      let ranks = assignment.numRanks == 1 ? "rank \(last)" : "ranks \(assignment.firstRank) to \(last)"
      stop("node \(assignment.nodeRank) (\(node.join.host), \(ranks)) was lost", nil, isLoss: true, now: now)
    case .stopping: goOn(now)
    case .gathering, .ended: break
    }
  }

  /// Looks at the clock.
  mutating func tick(_ now: Double) {
    for (id, node) in nodes where now - node.lastSeen > settings.heartbeatTimeout {
      refuse(id, "no sign of life for \(Int(settings.heartbeatTimeout)) s")
      lose(id, now: now)
    }
    if now - lastBeat >= settings.heartbeatTimeout / 5 {
      lastBeat = now
      for id in nodes.keys.sorted() { orders.append((id, .beat)) }
    }
    switch phase {
    case .gathering(let deadline):
      form(now)
      if case .gathering = phase, now >= deadline { end(1, missing) }
    case .stopping(let deadline):
      guard now >= deadline else { return }
      for id in pending { refuse(id, "its ranks did not stop") }
      for id in pending { nodes[id] = nil }
      pending = []
      goOn(now)
    case .running, .ended: break
    }
  }

  private mutating func refuse(_ id: Int, _ reason: String) { orders.append((id, .refused(reason))) }

  private mutating func take(_ join: JoinRequest, from id: Int, now: Double) {
    let taken = nodes.values.map(\.join.nodeRank)
    let fault: String? =
      if nodes[id] != nil {
        "this launcher joined already"
      } else if phase == .ended {
        "the job has ended"
      } else if join.jobID != settings.jobID {
        "another job waits here: give both sides the same --job-id, or each job its own port"
      } else if join.nodes != settings.nodes {
        "node 0 was started with --nnodes \(settings.nodes), and this one with --nnodes \(join.nodes)"
      } else if !(1...65_536).contains(join.numSlots) || !VariableReader.isHost(join.host) {
        "a number of ranks or a host's name that cannot be"
      } else if let rank = join.nodeRank, !(0..<settings.nodes.most).contains(rank) {
        "node rank \(rank) does not go with --nnodes \(settings.nodes)"
      } else if let rank = join.nodeRank, taken.contains(rank) {
        "there is a node with the rank \(rank) already"
      } else if nodes.count >= settings.nodes.most {
        "all \(settings.nodes.most) nodes are here"
      } else {
        nil
      }
    if let fault { return refuse(id, fault) }
    nodes[id] = Node(join: join, arrival: numArrivals, lastSeen: now)
    numArrivals += 1
    lastJoin = now
    orders.append((id, .welcome))
    if case .gathering = phase { form(now) }
  }

  /// Starts all ranks, if enough hosts are there.
  private mutating func form(_ now: Double) {
    guard nodes.values.contains(where: { $0.join.nodeRank == 0 }) else { return }
    let isFull = nodes.count == settings.nodes.most
    guard isFull || (nodes.count >= settings.nodes.least && now - lastJoin >= settings.lastCall) else { return }
    var order = [Int?](repeating: nil, count: settings.nodes.most)
    for (id, node) in nodes { if let rank = node.join.nodeRank { order[rank] = id } }
    for (id, node) in nodes.sorted(by: { $0.value.arrival < $1.value.arrival }) where node.join.nodeRank == nil {
      if let place = order.firstIndex(of: nil) { order[place] = id }
    }
    let ids = order.compactMap { $0 }
    let worldSize = nodes.values.reduce(0) { $0 + $1.join.numSlots }
    let port = freePort()
    var firstRank = 0
    for (nodeRank, id) in ids.enumerated() {
      let assignment = Assignment(
        generation: generation, nodeRank: nodeRank, numNodes: ids.count, firstRank: firstRank,
        numRanks: nodes[id]?.join.numSlots ?? 0, worldSize: worldSize, masterAddress: settings.masterAddress,
        masterPort: port, maxRestarts: settings.maxRestarts)
      firstRank += assignment.numRanks
      nodes[id]?.assignment = assignment
      orders.append((id, .start(assignment)))
    }
    pending = Set(ids)
    worstCode = 0
    phase = .running
  }

  private mutating func stop(_ reason: String, _ failure: RankFailure?, isLoss: Bool, now: Double) {
    self.reason = reason
    self.failure = failure
    lossOnly = isLoss && settings.nodes.isElastic
    if !lossOnly { numFailures += 1 }
    // Ten seconds more than the ranks have, for the way there and back.
    phase = .stopping(until: now + settings.stopTimeout + 10)
    let next =
      signalled != nil || (!lossOnly && numFailures > settings.maxRestarts)
      ? "stopping all ranks"
      : lossOnly
        ? "going on with the nodes that are left"
        : "starting all again (restart \(numFailures) of \(settings.maxRestarts))"
    // Also the ranks that finished are to be waited for, where their node has others.
    pending = Set(nodes.filter { $0.value.assignment?.generation == generation }.keys)
    for id in pending.sorted() {
      orders.append((id, .stop(generation: generation, text: "\(reason); \(next)", failure: failure)))
    }
    goOn(now)
  }

  /// After a stop, when all ranks are gone: starts again or ends.
  private mutating func goOn(_ now: Double) {
    guard case .stopping = phase, pending.isEmpty else { return }
    if signalled == nil, lossOnly || numFailures <= settings.maxRestarts {
      generation += 1
      lastJoin = now
      phase = .gathering(until: now + settings.joinTimeout)
      form(now)
    } else {
      end(failure?.end.exitCode ?? 1, nil)
    }
  }

  private mutating func end(_ code: Int32, _ text: String?) {
    phase = .ended
    for id in nodes.keys.sorted() { orders.append((id, .end(code: code, text: text))) }
  }

  /// Which hosts did not come.
  private var missing: String {
    let taken = Set(nodes.values.compactMap(\.join.nodeRank))
    let numUnnamed = nodes.values.filter { $0.join.nodeRank == nil }.count
    let free = (0..<settings.nodes.most).filter { !taken.contains($0) }.dropFirst(numUnnamed)
      .prefix(max(0, settings.nodes.least - nodes.count))
    let names = free.prefix(8).map(String.init).joined(separator: ", ") + (free.count > 8 ? " and more" : "")
    return "only \(nodes.count) of \(settings.nodes.least) nodes came within \(Int(settings.joinTimeout)) s; missing: "
      + "node \(names)\(reason.isEmpty ? "" : " (before: \(reason))")"
  }
}
