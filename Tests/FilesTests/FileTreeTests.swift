import DataTestSupport
import Foundation
import Testing

@testable import Files

/// Removing folders, locks, and folders that appear as a whole.
struct FileTreeTests {
  @Test func aPlantedLinkIsNotFollowed() throws {
    let scratch = try ScratchFolder()
    try scratch.write("precious", "victim/a/file")
    try scratch.link("staging", to: scratch.path.appending("victim"))
    FileTree.removeTree(scratch.path.appending("staging"))
    #expect(try scratch.files() == ["victim/a/file"])
    #expect(!FileTree.exists(scratch.path.appending("staging")))
    // Nor is one below, and nor is a closing slash one.
    try scratch.write("x", "tree/deep/.hidden/file")
    try scratch.link("tree/deep/link", to: scratch.path.appending("victim"))
    try scratch.link("tree/nowhere", to: "/nowhere/at/all")
    FileTree.removeTree(BytePath("\(scratch.path)/tree/"))
    #expect(try scratch.files() == ["victim/a/file"])
    #expect(!FileTree.exists(scratch.path.appending("tree")))
    FileTree.removeTree(scratch.path.appending("not there"))
  }

  @Test func locksExcludeEachOtherAndEnd() throws {
    let scratch = try ScratchFolder()
    let file = scratch.path.appending("lock")
    do {
      let lock = try #require(try FileLock.take(file: file))
      #expect(try FileLock.take(file: file) == nil)
      #expect(lock.isStill(at: file))
      try FileTree.rename(file, to: scratch.path.appending("moved"))
      #expect(!lock.isStill(at: file))
    }
    #expect(try FileLock.take(file: scratch.path.appending("moved")) != nil)
    // A folder is locked as what it is, and no link stands for it.
    try scratch.makeFolder("folder")
    try scratch.link("link", to: scratch.path.appending("folder"))
    #expect(throws: FileError.self) { try FileLock.take(folder: scratch.path.appending("link")) }
    #expect(throws: FileError.self) { try FileLock.take(folder: scratch.path.appending("moved")) }
    #expect(try FileLock.take(folder: scratch.path.appending("folder")) != nil)
  }

  @Test func leftoversOfTheDeadGoAndThoseOfTheLivingStay() throws {
    let scratch = try ScratchFolder()
    let out = scratch.path.appending("out")
    let (dead, living) = (".out.staged-1-1", ".out.staged-1-2")
    for name in [dead, living, ".out2.staged-1-1", "out.staged-1-1", ".other.staged-1-1"] {
      try scratch.write("x", BytePath("\(name)/file"))
    }
    try scratch.write("precious", "victim/file")
    try scratch.link(".out.staged-1-3", to: scratch.path.appending("victim"))
    let lock = try #require(try FileLock.take(folder: scratch.path.appending(BytePath(living))))
    // What is being written is locked against others.
    try StagedFolder.write(to: out) { staging in
      #expect(try FileLock.take(folder: staging) == nil)
      try FileWriter.writeNew([1], to: staging.appending("a"))
    }
    withExtendedLifetime(lock) {}
    #expect(!FileTree.exists(scratch.path.appending(BytePath(dead))))
    for name in [living, ".out2.staged-1-1", "out.staged-1-1", ".other.staged-1-1", "victim"] {
      #expect(try scratch.files(BytePath(name)) == ["\(name)/file"])
    }
    #expect(try scratch.files("out") == ["out/a"])
  }
}
