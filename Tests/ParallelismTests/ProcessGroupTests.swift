import Foundation
import Testing
import Torch

@testable import Parallelism

@Suite struct ProcessGroupTests {
  @Test("every collective gives what its definition says, for one to four ranks", arguments: 1...4)
  func collectives(size: Int) throws {
    let outcomes = try ProcessGroup.withThreads(size) { group -> [[Float]] in
      let rank = Float(group.rank)
      let sum = Tensor([rank, 10 * rank, 1])
      try group.allReduce(sum, "numbers")
      let largest = Tensor([rank, -rank])
      try group.allReduce(largest, "numbers", .max)
      let scattered = Tensor.zeros([2])
      try group.reduceScatter(Tensor((0..<2 * size).map { Float($0) + rank }), into: scattered, "numbers")
      let gathered = Tensor.zeros([2 * size])
      try group.allGather(Tensor([rank, rank + 0.5]), into: gathered, "numbers")
      let sent = Tensor([rank + 7])
      try group.broadcast(sent, from: size - 1, "numbers")
      return [sum, largest, scattered, gathered, sent].map { $0.array(Float.self) }
    }
    let total = Float(size * (size - 1) / 2)
    for (rank, values) in outcomes.enumerated() {
      #expect(values[0] == [total, 10 * total, Float(size)])
      #expect(values[1] == [Float(size - 1), 0])
      let first = Float(2 * rank * size) + total
      #expect(values[2] == [first, first + Float(size)])
      let all: [Float] = (0..<2 * size).map { Float($0 / 2) + Float($0 % 2) / 2 }
      #expect(values[3] == all)
      #expect(values[4] == [Float(size + 6)])
    }
  }

  @Test func rowsGoWhereTheyAreSent() throws {
    // Rank r sends r + 1 rows to rank 0 and two to rank 1.
    let outcomes = try ProcessGroup.withThreads(2) { group -> [Float] in
      let sent = [group.rank + 1, 2]
      let received = group.rank == 0 ? [1, 2] : [2, 2]
      let input = Tensor((0..<sent[0] + 2).flatMap { [Float(10 * group.rank + $0), 0] }, shape: [sent[0] + 2, 2])
      let output = Tensor.zeros([received[0] + received[1], 2])
      try group.allToAll(input, into: output, sent: sent, received: received, "rows")
      return output.array(Float.self)
    }
    #expect(outcomes == [[0, 0, 10, 0, 11, 0], [1, 0, 2, 0, 12, 0, 13, 0]])
  }

  @Test func bytesOfAnyLengthAreGathered() throws {
    let outcomes = try ProcessGroup.withThreads(3) { group in
      try group.allGather([UInt8](repeating: UInt8(group.rank), count: 2 * group.rank), "bytes")
    }
    #expect(outcomes == Array(repeating: [[], [1, 1], [2, 2, 2, 2]], count: 3))
  }

  @Test func oneRankDecidesForAll() throws {
    #expect(try ProcessGroup.withThreads(3) { try $0.any($0.rank == 1, "a stop") } == [true, true, true])
    #expect(try ProcessGroup.withThreads(3) { try $0.any(false, "a stop") } == [false, false, false])
  }

  @Test func sendAndReceive() throws {
    let received = try ProcessGroup.withThreads(2) { group -> [Float] in
      let tensor = Tensor([Float(group.rank)])
      if group.rank == 0 {
        try group.send(tensor, to: 1, tag: 5, "x")
      } else {
        try group.receive(tensor, from: 0, tag: 5, "x")
      }
      return tensor.array(Float.self)
    }
    #expect(received == [[0], [0]])
  }

  @Test func differentStartsAreRefusedOnEveryRank() throws {
    let outcomes = try ProcessGroup.outcomesOfThreads(3) { group in
      try group.requireEqual(["seed": "7", "settings": group.rank == 2 ? "lr: 2" : "lr: 1"])
    }
    let expected = CollectiveError.different(rank: 2, what: "settings", own: "lr: 2", first: "lr: 1")
    for outcome in outcomes { #expect(throws: expected) { try outcome.get() } }
    #expect(try ProcessGroup.withThreads(3) { try $0.requireEqual(["seed": "7"]) }.count == 3)
  }

  @Test func ofTextsTheFirstLineThatDiffersIsTold() {
    func told(_ own: String, _ first: String) -> String {
      CollectiveError.different(rank: 1, what: "config.yaml", own: own, first: first).description
    }
    let start = "rank 1 has another config.yaml than rank 0: "
    #expect(
      told("a: 1\nb:\n  lr: 2\nc: 3", "a: 1\nb:\n  lr: 1\nc: 4") == start + "lr: 2, not lr: 1; start all ranks alike")
    #expect(told("a: 1", "a: 1\nb: 2") == start + "nothing, not b: 2; start all ranks alike")
    #expect(told("a: 1\nb: 2", "a: 1") == start + "b: 2, not nothing; start all ranks alike")
    #expect(told("x", "y") == start + "x, not y; start all ranks alike")
  }

  @Test func errorsHaveNoneOfTheWordsOfGloo() {
    let gloo = "[/pytorch/gloo/transport/tcp/pair.cc:553] Connection closed by peer [127.0.0.1]:1. This is typically "
    #expect(
      NetworkError(gloo + "caused by a remote worker crashing.").description
        == "Connection closed by peer [127.0.0.1]:1")
    #expect(NetworkError("wait timeout after 5000ms, keys: /a").description == "no answer in time")
    #expect(NetworkError("it was given up\nframe #0").description == "it was given up")
  }

  @Test func aPortWithoutAStoreIsAnErrorInTime() throws {
    let free = try RendezvousStore.tcp(host: "127.0.0.1", port: 0, isServer: true, timeout: 5).port
    // That store is gone by now; nobody else listens there.
    #expect(throws: NetworkError.self) {
      try RendezvousStore.tcp(host: "127.0.0.1", port: free, isServer: false, timeout: 0.5)
    }
  }

  @Test func aRankThatFailsGivesItsExitCodeOn() throws {
    let outcomes = try ProcessGroup.outcomesOfThreads(2, timeout: 2) { group in
      if group.rank == 1 { return group.announceFailure("no such folder", code: 2) }
      try group.allReduce(Tensor([Float(1)]), "gradients")
    }
    #expect(throws: CollectiveError.otherRank(1, reason: "no such folder", code: 2)) { try outcomes[0].get() }
  }

  @Test func aRankThatNeverComesIsNamed() throws {
    let store = try RendezvousStore.local()
    let error = #expect(throws: CollectiveError.self) {
      try ProcessGroup.meet(
        at: store, host: nil, place: "the store", name: "test", rank: 0, size: 3, timeout: 0.3)
    }
    guard case .notMet(rank: 0, _, missing: [1, 2], place: "the store", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func aRankThatDoesNotAnswerIsNamedWithWhatItLastDid() throws {
    let outcomes = try ProcessGroup.outcomesOfThreads(3, timeout: 1) { group in
      try group.announce("step \(group.rank)")
      // Rank 1 goes away for longer than the others wait.
      if group.rank == 1 { return Thread.sleep(forTimeInterval: 6) }
      try group.allReduce(Tensor([Float(1)]), "gradients")
    }
    for rank in [0, 2] {
      let error = #expect(throws: CollectiveError.self) { try outcomes[rank].get() }
      guard case .failed(let seen, let operation, let missing, _) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(seen == rank && operation == "the all-reduce of gradients")
      #expect(missing == [.init(rank: 1, last: "step 1")])
    }
  }

  @Test func theCauseOfAnotherRankIsTold() throws {
    struct Broken: Error, CustomStringConvertible { var description: String { "the disk is full" } }
    let outcomes = try ProcessGroup.outcomesOfThreads(3, timeout: 2) { group in
      if group.rank == 2 { throw Broken() }
      try group.allReduce(Tensor([Float(1)]), "gradients")
    }
    for rank in [0, 1] {
      #expect(throws: CollectiveError.otherRank(2, reason: "the disk is full", code: 1)) { try outcomes[rank].get() }
    }
    #expect(throws: Broken.self) { try outcomes[2].get() }
  }

  @Test func aSubgroupKnowsItsOwnRanksAlone() throws {
    let mesh = DeviceMesh(data: 2, pipeline: 2)
    let sums = try ProcessGroup.withThreads(4) { group -> Float in
      let ranks = mesh.ranks(along: .data, through: group.rank)
      let data = try group.subgroup(ranks, named: "data \(ranks)")
      let sum = Tensor([Float(group.rank)])
      try data.allReduce(sum, "ranks")
      return sum.array(Float.self)[0]
    }
    #expect(sums == [1, 1, 5, 5])
  }
}

@Suite struct DeviceMeshTests {
  @Test func everyRankHasOnePlaceAndEveryLineHasItsRanks() {
    for data in 1...4 {
      for pipeline in 1...3 {
        for tensor in 1...3 {
          let mesh = DeviceMesh(data: data, pipeline: pipeline, tensor: tensor)
          #expect(mesh.size == data * pipeline * tensor)
          let places = (0..<mesh.size).map { rank in
            DeviceMesh.Axis.allCases.map { mesh.coordinate(of: rank, along: $0) }
          }
          #expect(Set(places).count == mesh.size)
          for axis in DeviceMesh.Axis.allCases {
            for rank in 0..<mesh.size {
              let line = mesh.ranks(along: axis, through: rank)
              #expect(line.map { mesh.coordinate(of: $0, along: axis) } == Array(0..<mesh.sizes[axis]!))
              #expect(line[mesh.coordinate(of: rank, along: axis)] == rank)
              #expect(line.allSatisfy { mesh.ranks(along: axis, through: $0) == line })
            }
          }
        }
      }
    }
  }

  @Test func neighboursShareTensors() {
    let mesh = DeviceMesh(data: 2, pipeline: 2, tensor: 2)
    #expect(mesh.ranks(along: .tensor, through: 0) == [0, 1])
    #expect(mesh.ranks(along: .data, through: 0) == [0, 2])
    #expect(mesh.ranks(along: .pipeline, through: 0) == [0, 4])
  }
}
