import DataTestSupport
import Foundation
import SystemPackage
import Testing

@testable import Files

/// Outputs that a user names: files, links, pipes and devices.
struct FileWriterTests {
  private func kind(_ path: BytePath) -> mode_t {
    var status = stat()
    return path.withCString { lstat($0, &status) } == 0 ? status.st_mode & S_IFMT : 0
  }

  /// A device that is always full, of our own: a fault in what is tested would take the system's away, where root runs it.
  private static func fullDevice(_ scratch: ScratchFolder) -> BytePath? {
    if geteuid() != 0 { return "/dev/full" }
    let path = scratch.path.appending("full")
    guard path.withCString({ mknod($0, S_IFCHR | 0o666, dev_t(1 << 8 | 7)) }) == 0 else { return nil }
    let descriptor = path.withCString { open($0, O_WRONLY) }
    close(descriptor)
    return descriptor >= 0 ? path : nil
  }

  /// Some containers let root make no devices, or open none of them.
  private static let hasDevice = (try? ScratchFolder()).flatMap(fullDevice) != nil

  @Test func aFileIsReplacedWhole() throws {
    let scratch = try ScratchFolder()
    let file = try scratch.write("old", "file")
    let before = scratch.inode("file")
    try FileWriter.writeOutput([1, 2], to: file)
    #expect(try FileReader.read(file) == [1, 2])
    #expect(scratch.inode("file") != before)
    #expect(try FileTree.hiddenNames(scratch.path) == [])
  }

  @Test func aLinkStaysAndItsTargetIsWritten() throws {
    let scratch = try ScratchFolder()
    try scratch.write("old", "real/file")
    try scratch.link("link", to: "real/file")
    try scratch.link("chain", to: scratch.path.appending("link"))
    try scratch.link("real/dangling", to: "../new")
    try scratch.link("far", to: "real/dangling")
    for (name, target) in [("link", "real/file"), ("chain", "real/file"), ("far", "new"), ("real/dangling", "new")] {
      try FileWriter.writeOutput(Array(name.utf8), to: scratch.path.appending(BytePath(name)))
      #expect(kind(scratch.path.appending(BytePath(name))) == S_IFLNK)
      #expect(try FileReader.read(scratch.path.appending(BytePath(target))) == Array(name.utf8))
    }
    #expect(try scratch.files() == ["chain", "far", "link", "new", "real/dangling", "real/file"])
    try scratch.link("loop", to: "loop")
    #expect(throws: FileError("write", scratch.path.appending("loop"), code: ELOOP)) {
      try FileWriter.writeOutput([1], to: scratch.path.appending("loop"))
    }
  }

  @Test func aFullDiskSaysSo() throws {
    #if os(Linux)
      let device = try OpenFile("/dev/full", .writeOnly)
      let error = try #require(throws: FileError.self) {
        try FileError.naming("write", "set.part") { () throws(Errno) in
          try [UInt8](repeating: 0, count: 10).withUnsafeBufferPointer { bytes throws(Errno) in
            try device.descriptor.writeWhole(UnsafeRawBufferPointer(bytes))
          }
        }
      }
      #expect(error == FileError("write", "set.part", code: ENOSPC))
      #expect("\(error)".contains("free some space"))
    #endif
  }

  /// Whatever becomes of a file, its number goes back to the system.
  @Test func everyFileIsClosed() throws {
    let scratch = try ScratchFolder()
    let file = try scratch.write("x", "file")
    func numOpen() -> Int { (3..<1024).count { fcntl($0, F_GETFD) != -1 } }
    let before = numOpen()
    for _ in 0..<3 {
      _ = try FileReader(file)
      _ = try OutputFile(appendingTo: file)
      _ = try OutputFile(creating: scratch.path.appending("new"))
      FileTree.removeFile(scratch.path.appending("new"))
      _ = try StagedFile(file)
      _ = try FileLock.take(file: file)
      #expect(throws: FileError.self) { try OutputFile(appendingTo: "/dev/null") }
      #expect(throws: FileError.self) { try FileReader(scratch.path) }
      try FileWriter.writeAtomically([1], to: file)
      _ = try FileTree.list(scratch.path)
      FileTree.removeTree(scratch.path.appending("none"))
    }
    #expect(numOpen() == before)
  }

  /// A link where a new file is wanted is refused, and a file that is not put in its place leaves nothing.
  @Test func noLinkIsFollowedToANewFile() throws {
    let scratch = try ScratchFolder()
    let target = scratch.path.appending("target")
    try scratch.link("link", to: target)
    let link = scratch.path.appending("link")
    #expect(throws: FileError("create", link, code: EEXIST)) { try FileWriter.writeNew([1], to: link) }
    #expect(throws: FileError("open", link, code: ELOOP)) { try OutputFile(appendingTo: link) }
    #expect(!FileTree.exists(target))
    try OutputFile(appendingTo: link, ofAnyKind: true).write([1])
    #expect(try FileReader.read(target) == [1])
    try FileWriter.writeAtomically([2], to: link)
    #expect(kind(link) == S_IFREG)
    #expect(try FileReader.read(target) == [1])
    do {
      let dropped = try StagedFile(link)
      try dropped.write([3])
      #expect(try FileTree.hiddenNames(scratch.path).count == 1)
    }
    #expect(try FileTree.hiddenNames(scratch.path) == [])
    #expect(try FileReader.read(link) == [2])
  }

  @Test(.enabled(if: hasDevice)) func aDeviceIsWrittenToAndStays() throws {
    let scratch = try ScratchFolder()
    let full = try #require(Self.fullDevice(scratch))
    #expect(throws: FileError("write", full, code: ENOSPC)) { try FileWriter.writeOutput([1], to: full) }
    #expect(kind(full) == S_IFCHR)
  }

  @Test func whatExistsIsRefusedWhereANewFileIsWanted() throws {
    let scratch = try ScratchFolder()
    let file = try scratch.write("old", "file")
    try scratch.link("link", to: file)
    for name: BytePath in ["file", "link"] {
      let path = scratch.path.appending(name)
      #expect(throws: FileError("create", path, code: EEXIST)) {
        try FileWriter.writeOutput([1], to: path, isNew: true)
      }
    }
    #expect(try FileReader.read(file) == Array("old".utf8))
    try FileWriter.writeOutput([1], to: scratch.path.appending("new"), isNew: true)
    #expect(try FileReader.read(scratch.path.appending("new")) == [1])
    #expect(try scratch.files() == ["file", "link", "new"])
    #expect(try FileTree.hiddenNames(scratch.path) == [])
  }

  @Test func aFolderAndALongNameHaveTheirErrors() throws {
    let scratch = try ScratchFolder()
    #expect(throws: FileError("write", scratch.path, code: EISDIR)) {
      try FileWriter.writeOutput([1], to: scratch.path)
    }
    // As long as a name may be, and so longer than it with anything beside it.
    let long = scratch.path.appending(BytePath(String(repeating: "a", count: 255)))
    try FileWriter.writeOutput([1], to: long)
    #expect(try FileReader.read(long) == [1])
  }
}
