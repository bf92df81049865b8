import Augment
import DataTestSupport
import Foundation
import Testing

@testable import Dataset

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

  @Test(.timeLimit(.minutes(1))) func aPipeIsWrittenTo() throws {
    let scratch = try ScratchFolder()
    let pipe = scratch.path.appending("pipe.png")
    #expect(pipe.withCString { mkfifo($0, 0o600) } == 0)
    let image = LoaderFixture.image(1, width: 200, height: 150)
    let writer = try WorkerThread { try? ImageFile.write(image, to: pipe) }
    let received = try FileHandle(forReadingFrom: URL(fileURLWithPath: pipe.description)).readToEnd() ?? Data()
    writer.join()
    #expect(try ImageDecoder().decode([UInt8](received)) == image)
    #expect(kind(pipe) == S_IFIFO)
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
