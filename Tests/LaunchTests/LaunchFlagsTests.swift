import Testing

@testable import Launch

struct LaunchFlagsTests {
  @Test func flagsAloneMakeAPlace() throws {
    let flags = LaunchFlags(rank: 1, worldSize: 2, masterAddress: "a", masterPort: 4)
    #expect(
      try LaunchEnvironment.find(in: [:], flags: flags)
        == LaunchEnvironment(
          rank: 1, worldSize: 2, localRank: 0, localWorldSize: 1, masterAddress: "a", masterPort: 4, source: .flags))
  }

  @Test(arguments: ["localhost", "127.0.0.1", "127.1.2.3", "::1"])
  func aLoopbackMasterMeansOneHost(_ address: String) throws {
    let flags = LaunchFlags(rank: 1, worldSize: 2, masterAddress: address, masterPort: 4)
    let place = try #require(try LaunchEnvironment.find(in: [:], flags: flags))
    #expect(place.localRank == 1)
    #expect(place.localWorldSize == 2)
  }

  @Test func theMasterMayComeFromTheEnvironment() throws {
    let place = try #require(
      try LaunchEnvironment.find(
        in: ["MASTER_ADDR": "m", "MASTER_PORT": "9"],
        flags: LaunchFlags(rank: 0, worldSize: 2, localRank: 0, localWorldSize: 2)))
    #expect(place.masterAddress == "m")
    #expect(place.masterPort == 9)
    #expect(place.localWorldSize == 2)
  }

  @Test func flagsThatAgreeWithMPITakeItsLocalRank() throws {
    let place = try #require(
      try LaunchEnvironment.find(
        in: Variables.openMPI, flags: LaunchFlags(rank: 1, worldSize: 4, masterAddress: "h", masterPort: 5)))
    #expect(place.source == .flags)
    #expect(place.localRank == 1)
    #expect(place.localWorldSize == 4)
    #expect(place.masterAddress == "h")
    #expect(place.masterPort == 5)
  }

  @Test(arguments: [
    (LaunchFlags(worldSize: 2), "--world-size 2 without --rank"),
    (LaunchFlags(rank: 1), "--rank 1 without --world-size"),
    (LaunchFlags(masterAddress: "a"), "--master-addr a without --rank"),
    (LaunchFlags(rank: 2, worldSize: 2), "--rank 2 does not go with --world-size 2"),
    (LaunchFlags(rank: -1, worldSize: 2), "--rank -1 is not a whole number"),
    (LaunchFlags(rank: 0, worldSize: 0), "--world-size 0 is not"),
    (LaunchFlags(rank: 0, worldSize: .max), "is not a whole number from 1 to 1048576"),
    (LaunchFlags(rank: 0, worldSize: 2, masterAddress: "a"), "without --master-port"),
    (LaunchFlags(rank: 0, worldSize: 2, masterPort: 5), "without --master-addr"),
    (LaunchFlags(rank: 0, worldSize: 2, masterAddress: "a", masterPort: 0), "--master-port 0 is not"),
    (LaunchFlags(rank: 0, worldSize: 2, masterAddress: "a b", masterPort: 1), "--master-addr a b is not"),
    (LaunchFlags(rank: 0, worldSize: 2), "flags does not say where rank 0 is to be met"),
    (
      LaunchFlags(rank: 1, worldSize: 2, masterAddress: "a", masterPort: 1, localRank: 1),
      "--local-rank 1 without --local-world-size"
    ),
    (
      LaunchFlags(rank: 1, worldSize: 2, masterAddress: "a", masterPort: 1, localWorldSize: 2),
      "--local-world-size 2 without --local-rank"
    ),
    (
      LaunchFlags(rank: 1, worldSize: 2, masterAddress: "a", masterPort: 1, localRank: 2, localWorldSize: 2),
      "--local-rank 2 does not go with --local-world-size 2"
    ),
  ]) func saysWhatIsWrong(_ flags: LaunchFlags, _ message: String) throws {
    let error = try #require(throws: LaunchEnvironmentError.self) { try LaunchEnvironment.find(in: [:], flags: flags) }
    #expect(error.description.contains(message), "\(error)")
  }

  @Test func flagsThatContradictTheEnvironmentAreRefused() throws {
    let flags = LaunchFlags(rank: 0, worldSize: 8, masterAddress: "node0", masterPort: 29400)
    let error = try #require(throws: LaunchEnvironmentError.self) {
      try LaunchEnvironment.find(in: Variables.torchrun, flags: flags)
    }
    #expect(error.description.hasPrefix("--rank 0, --world-size 8, RANK=5, WORLD_SIZE=8 contradict each other"))
  }
}
