import Testing

@testable import Launch

struct SlurmHostsTests {
  @Test(arguments: [
    ("vm", ["vm"]), ("a,b", ["a", "b"]), ("n[1-3]", ["n1", "n2", "n3"]), ("n[08-11]", ["n08", "n09", "n10", "n11"]),
    ("n[1,3-4],m", ["n1", "n3", "n4", "m"]), ("r[1-2]n[01-02]", ["r1n01", "r1n02", "r2n01", "r2n02"]),
    ("n[7]-ib.example.org", ["n7-ib.example.org"]), ("[10-11]x", ["10x", "11x"]),
  ]) func expandsAsScontrolDoes(_ list: String, _ hosts: [String]) {
    #expect(SlurmHosts.expand(list, atMost: 100) == hosts)
  }

  @Test(arguments: [
    "", ",", "a,", "n[", "n]", "n[]", "n[1-", "n[1-]", "n[-1]", "n[2-1]", "n[1-2-3]", "n[a]", "n[[1]]", "n[1]]", "a b",
    "n[1-99999999999999999999]", "-x", "\u{1B}", String(repeating: "[1-2]", count: 17),
    String(repeating: "a,", count: 40_000) + "a",
  ]) func refusesWhatIsNoList(_ list: String) {
    #expect(SlurmHosts.expand(list, atMost: 4) == nil)
  }

  @Test func aRangeOfAnyLengthCostsWhatIsTaken() {
    #expect(SlurmHosts.expand("n[0-999999999999999999]", atMost: 2) == ["n0", "n1"])
    let deep = String(repeating: "[0-999999999999999999]", count: 16)
    #expect(SlurmHosts.expand(deep, atMost: 1) == [String(repeating: "0", count: 16)])
  }

  @Test(arguments: [("2", [2, nil]), ("2(x3),1", [2, 2, 2, 1, nil]), ("4(x1048576)", [4, 4])])
  func countsTasksByNode(_ text: String, _ counts: [Int?]) throws {
    let tasks = try #require(SlurmHosts.TaskCounts(text))
    #expect(counts.indices.map { tasks[$0] } == counts)
  }

  @Test(arguments: ["", "x", "2(", "2(x", "2(x)", "2(x0)", "2(3)", "2(x3)x", ",2", "-1", "2(x9999999)"])
  func refusesWhatIsNoCount(_ text: String) { #expect(SlurmHosts.TaskCounts(text) == nil) }
}
