import Augment
import Dataset
import Foundation
import Testing

struct ScanCommandTests {
  @Test func aCleanSetAndOneWithFaults() throws {
    let scratch = try Scratch()
    let sample = ["data", "sample", "flowers", "--out", "set", "--count", "20", "--size", "64x48", "--quiet"]
    #expect(try Tool.run(sample, in: scratch.path).code == 0)
    let clean = try Tool.run(["data", "scan", "set"], in: scratch.path)
    #expect(clean.code == 0, "\(clean.output)\(clean.errors)")
    #expect(clean.output.hasPrefix("set: 20 images in 5 classes, "))
    #expect(clean.output.contains("Nothing to report."))
    #expect(clean.errors.hasPrefix("scanning: 20 images in "))

    for number in 0..<12 { try scratch.write(Array("no image".utf8), "set/daisy/bad\(number).jpg") }
    let arguments = ["data", "scan", "set", "--json", "report.json", "--quiet"]
    let faulty = try Tool.run(arguments + ["--workers", "3"], in: scratch.path)
    #expect(faulty.code == 3 && faulty.errors.isEmpty)
    #expect(faulty.output.contains("  not an image: 12\n    set/daisy/bad0.jpg: ") == false)
    #expect(faulty.output.contains("  not an image: 12\n    daisy/bad0.jpg: "))
    #expect(faulty.output.contains("    and 4 more\n"))
    #expect(try Tool.run(arguments + ["--workers", "1"], in: scratch.path).output == faulty.output)
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(scratch.text("report.json").utf8)) as? [String: Any])
    #expect(((json["findings"] as? [[String: Any]])?.first?["items"] as? [Any])?.count == 12)

    let fixed = try Tool.run(arguments + ["--fix", "quarantine"], in: scratch.path)
    #expect(fixed.code == 0, "\(fixed.output)\(fixed.errors)")
    #expect(fixed.output.contains("moved 12 file(s) to set/.quarantine/files\n"))
    #expect(try scratch.text("report.json").contains("\"has_faults\": false"))
    let after = try Tool.run(["data", "scan", "set", "--quiet"], in: scratch.path)
    #expect(after.code == 0 && after.output == clean.output)
    let restored = try Tool.run(["data", "scan", "set", "--fix", "restore"], in: scratch.path)
    #expect(restored.code == 0 && restored.output == "moved 12 file(s) back into set\n")
    #expect(try Tool.run(["data", "scan", "set", "--quiet"], in: scratch.path).code == 3)
  }

  /// Every file is in the set or in the quarantine, whenever the process is killed, and all come back.
  @Test func aKillLosesNothing() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "set")
    let numBad = 4000
    for number in 0..<numBad { try scratch.write(Array("bad \(number)".utf8), "set/light/x\(number).jpg") }
    let set = BytePath("\(scratch.path)/set")
    func numLeft() throws -> Int { try ImageFolder(root: set).samples.count - 20 }
    func numQuarantined() -> Int {
      (try? FileManager.default.contentsOfDirectory(atPath: "\(set)/.quarantine/files/light").count) ?? 0
    }
    var numCutShort = 0
    for round in 1...3 {
      let started = try Tool.Started(["data", "scan", "set", "--fix", "quarantine", "--quiet"], in: scratch.path)
      while started.process.isRunning, numQuarantined() < round * 50 { usleep(200) }
      kill(started.process.processIdentifier, SIGKILL)
      _ = started.wait()
      let (left, quarantined) = (try numLeft(), numQuarantined())
      // At most one file stands under both names.
      #expect(left + quarantined == numBad || left + quarantined == numBad + 1)
      if left > 0 { numCutShort += 1 }
    }
    #expect(numCutShort > 0)
    let last = try Tool.run(["data", "scan", "set", "--fix", "quarantine", "--quiet"], in: scratch.path)
    #expect(last.code == 0, "\(last.errors)")
    #expect(try numLeft() == 0 && numQuarantined() == numBad)
    let restored = try Tool.run(["data", "scan", "set", "--fix", "restore"], in: scratch.path)
    #expect(restored.output == "moved \(numBad) file(s) back into set\n")
    for number in 0..<numBad where number % 97 == 0 {
      #expect(try scratch.text("set/light/x\(number).jpg") == "bad \(number)")
    }
    #expect(try numLeft() == numBad)
  }
}
