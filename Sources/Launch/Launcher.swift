// Starts ranks and keeps them together: when one is gone, so are all.

import Foundation
import Synchronization
import Telemetry

/// The launcher of one host.
public final class Launcher {
  private let options: LaunchOptions
  private let environment: [String: String]
  private let signals = SignalWatch()
  private let orphans: OrphanGuard
  private let pump: OutputPump
  private let console: LaunchConsole
  private let leash = Leash()
  private let link: any CoordinatorLink
  private var remotes: RemoteLaunchers?

  /// The ranks that run, or that are being stopped.
  private var ranks: LocalRanks?
  private var generation = -1
  /// When the ranks that are being stopped are killed; nil while none are.
  private var killAt: Double?
  private var signalled: Int32?
  private var numInterrupts = 0
  private var worstCode: Int32 = 0
  /// The end, once it is clear, when the ranks are gone.
  private var ending: Int32?

  /// Prepares; nothing is started yet.
  ///
  /// - Parameters:
  ///   - options: What is asked for.
  ///   - environment: What ranks get, beside their own variables.
  /// - Throws: `LaunchError`.
  public init(
    _ options: LaunchOptions, environment: [String: String]
  ) throws(LaunchError) {
    var options = options
    self.environment = environment
    console = LaunchConsole(isSilent: options.hasLeash)
    orphans = try OrphanGuard()
    pump = try OutputPump()
    if let folder = options.logFolder { try Self.makeFolder(folder) }
    let hosts = options.hosts?.hosts ?? []
    var local: Int?
    if !hosts.isEmpty {
      local = hosts.firstIndex { HostNames.isOwn($0.name) }
      guard let local else {
        throw .usage("the host file does not name this host (\(HostNames.own)): start the job on one of its hosts")
      }
      options.numRanks = hosts[local].slots ?? options.numRanks
      options.nodes = NodeRange(hosts.count, hosts.count)
      options.nodeRank = 0
      if options.jobID == "none" { options.jobID = "job-\(UUID().uuidString)" }
      if options.rendezvous == nil, let other = hosts.indices.first(where: { $0 != local }) {
        let address = HostNames.addressTowards(hosts[other].name) ?? HostNames.own
        options.rendezvous = RendezvousAddress(host: address, port: FreePort.find())
      }
    }
    self.options = options
    link = try Self.link(options)
    if let local, let address = options.rendezvous, hosts.count > 1 {
      remotes = try RemoteLaunchers(
        hosts, local: local, options, at: address, jobID: options.jobID, environment: environment, console: console,
        pump: pump, orphans: orphans)
    }
    if options.hasLeash { leash.watch() }
  }

  /// Starts the ranks and stays until all are gone.
  /// - Returns: 0; the exit code of the first rank that failed, 128 and the signal's number where a signal killed it;
  /// or that of a signal which this launcher was told to pass on.
  /// - Throws: `LaunchError` where the ranks could not be started or kept together.
  public func run() throws(LaunchError) -> Int32 {
    defer { finish() }
    while true {
      if orphans.isDead { throw .failed("the process that guards the ranks was killed; all ranks were stopped") }
      for number in signals.take() { pass(number) }
      for order in link.receive() { try obey(order) }
      if ending == nil { try checkConnections() }
      try look()
      if let ending, ranks == nil { return ending }
      usleep(UInt32(options.monitorInterval * 1e6))
    }
  }

  /// The exit code where a second SIGINT ended everything, or a rank's.
  private func obey(_ order: Order) throws(LaunchError) {
    switch order {
    case .welcome, .beat: break
    case .refused(let reason):
      throw .failed("the rendezvous at \(options.rendezvous?.description ?? "this host") refused: \(reason)")
    case .start(let assignment):
      generation = assignment.generation
      (worstCode, killAt) = (0, nil)
      _ = console.showAll()
      ranks = try LocalRanks(
        assignment, options, environment: environment, console: console, pump: pump, orphans: orphans)
    case .stop(let number, let text, let failure):
      guard number == generation else { return }
      report(text, failure)
      if ranks == nil { link.send(.stopped(generation: number)) } else { stop() }
    case .signal(let number):
      signalled = signalled ?? number
      ranks?.signal(number)
    case .end(let code, let text):
      if let text { console.note(text) }
      ending = code
      if ranks != nil { stop() }
    }
  }

  /// Looks at the ranks.
  private func look() throws(LaunchError) {
    guard let ranks else { return }
    let ended = ranks.takeEnds()
    if killAt == nil {
      let failures = ended.filter { $0.end != .exited(0) && !(signalled != nil && $0.end.isByStopSignal) }
      worstCode = ended.reduce(worstCode) { max($0, $1.end.exitCode) }
      // Of those that are found at once, what a signal killed is the cause, and what exited noticed it.
      let first = failures.first { if case .killed = $0.end { true } else { false } } ?? failures.first
      if let first {
        console.showOnly(first.rank)
        let failure = ranks.failure(first.rank, first.end, host: options.nodes.most > 1 ? HostNames.own : nil)
        link.send(.failed(generation: generation, failure))
        stop()
      } else if ranks.areGone {
        ranks.drain()
        self.ranks = nil
        link.send(.finished(generation: generation, code: signalled != nil && worstCode > 0 ? code(of: signalled) : 0))
      }
    }
    guard let killAt, self.ranks != nil else { return }
    if ranks.areGone {
      ranks.drain()
      self.ranks = nil
      link.send(.stopped(generation: generation))
    } else if MonotonicClock.seconds >= killAt {
      ranks.signal(SIGKILL)
    }
  }

  private func code(of signal: Int32?) -> Int32 { signal.map { 128 + $0 } ?? 0 }

  /// Tells the ranks to leave, and sets the time for those that do not.
  private func stop() {
    guard killAt == nil else { return }
    ranks?.signal(SIGTERM)
    killAt = MonotonicClock.seconds + options.stopTimeout
  }

  /// A signal that this launcher got.
  private func pass(_ number: Int32) {
    if number == SIGINT { numInterrupts += 1 }
    if numInterrupts > 1 {
      ranks?.signal(SIGKILL)
      ending = 130
      killAt = killAt ?? MonotonicClock.seconds
      return
    }
    if signalled == nil {
      signalled = number
      link.send(.signal(number))
      let advice = number == SIGINT ? "; once more kills them" : ""
      console.note("\(ProcessEnd.name(of: number)) goes to all ranks\(advice)")
    }
    ranks?.signal(number)
    // Without ranks there is nobody to wait for, once the others have been told.
    if ranks == nil, ending == nil { ending = code(of: number) }
  }

  /// What else can end a job: the other launchers, and the connection with them.
  private func checkConnections() throws(LaunchError) {
    if leash.isGone, killAt == nil || ending == nil {
      ending = 1
      if ranks != nil { stop() }
    }
    if let failure = remotes?.takeFailure() {
      // What it did not survive may be on its way here: a rank that failed there, or the job's end.
      usleep(200_000)
      for order in link.receive() { try obey(order) }
      if ending == nil, killAt == nil { throw .failed("\(failure); all ranks were stopped") }
    }
    if ending == nil, let loss = link.loss {
      ending = 1
      stop()
      console.note(generation < 0 ? loss : "\(loss); the ranks of this host are stopped")
    }
  }

  /// Says which rank failed, and how, before what follows from it.
  private func report(_ text: String, _ failure: RankFailure?) {
    console.note(text)
    guard let failure, !failure.lastLines.isEmpty else { return }
    console.note("the last lines that rank \(failure.rank) wrote to standard error:")
    for line in failure.lastLines { console.note("| \(printable(line))") }
  }

  /// Leaves nothing behind, also where an error ends the run.
  private func finish() {
    if let ranks {
      ranks.signal(SIGTERM)
      let deadline = MonotonicClock.seconds + options.stopTimeout
      while !ranks.areGone {
        _ = ranks.takeEnds()
        if MonotonicClock.seconds > deadline { ranks.signal(SIGKILL) }
        usleep(5000)
      }
      ranks.drain()
    }
    link.close()
    remotes?.end(patience: numInterrupts > 1 ? 1 : options.stopTimeout + 2)
    let numHidden = console.showAll()
    if numHidden > 0 {
      console.note("what other ranks wrote to standard error after that is left out (lines: \(numHidden))")
    }
    pump.close()
  }

  private static func link(_ options: LaunchOptions) throws(LaunchError) -> any CoordinatorLink {
    var settings = Coordinator.Settings()
    settings.jobID = options.jobID
    settings.nodes = options.nodes
    settings.maxRestarts = options.maxRestarts
    settings.joinTimeout = options.joinTimeout
    settings.heartbeatTimeout = options.heartbeatTimeout
    settings.stopTimeout = options.stopTimeout
    settings.lastCall = min(5, options.joinTimeout / 4)
    func join(_ nodeRank: Int?) -> JoinRequest {
      JoinRequest(
        jobID: options.jobID, nodes: options.nodes, nodeRank: nodeRank, numSlots: options.numRanks, host: HostNames.own)
    }
    guard options.nodes.most > 1, let address = options.rendezvous else { return LocalLink(settings, join(0)) }
    settings.masterAddress = address.host
    var nodeRank = options.nodeRank
    var server: RendezvousServer?
    if nodeRank == nil || nodeRank == 0 {
      do {
        server = try Self.server(at: address, settings, patience: nodeRank == 0 ? min(60, options.joinTimeout) : 0)
        nodeRank = 0
      } catch .inUse where nodeRank == 0 {
        throw .failed(
          "the port \(address.port) of \(address.host) is in use: end what uses it, or give another --rendezvous")
      } catch .notHere where nodeRank == 0 {
        throw .usage("\(address.host) is no address of this host, and --rendezvous is to name one of host 0")
      } catch .unknownName where nodeRank == 0 {
        throw .failed("there is no host named \(address.host), which --rendezvous names")
      } catch .other(let reason) where nodeRank == 0 {
        throw .failed("cannot listen at \(address): \(reason)")
      } catch {
        // Somewhere else, or taken by the launcher that came first.
      }
    }
    return NetworkLink(
      to: address, join(nodeRank), joinTimeout: options.joinTimeout, heartbeatTimeout: options.heartbeatTimeout,
      server: server)
  }

  /// The name of a pod is known some seconds after it was started.
  private static func server(
    at address: RendezvousAddress, _ settings: Coordinator.Settings, patience: Double
  ) throws(RendezvousServer.Fault) -> RendezvousServer {
    let start = MonotonicClock.seconds
    while true {
      do {
        return try RendezvousServer(at: address, settings)
      } catch .unknownName where MonotonicClock.seconds - start < patience {
        usleep(500_000)
      }
    }
  }

  private static func makeFolder(_ folder: String) throws(LaunchError) {
    do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
      throw .failed("cannot make the folder '\(folder)' for the files of the ranks: \(error.localizedDescription)")
    }
  }
}

/// Standard input, where another launcher holds the other end.
private final class Leash: Sendable {
  private let isCut = Atomic<Bool>(false)

  var isGone: Bool { isCut.load(ordering: .relaxed) }

  func watch() {
    let thread = Thread { [self] in
      var buffer = [UInt8](repeating: 0, count: 256)
      while true {
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        if count > 0 || (count < 0 && errno == EINTR) { continue }
        return isCut.store(true, ordering: .relaxed)
      }
    }
    thread.name = "vitrail.launch.leash"
    thread.start()
  }
}
