import DataTestSupport
import Foundation
import Testing

@testable import Dataset

struct ImageFolderTests {
  @Test func takesImagesOfAnyCaseAndDepthInByteOrder() throws {
    let scratch = try ScratchFolder()
    for name in ["b/2.JPG", "b/10.jpeg", "b/deep/er/x.WebP", "B/y.png", "a b/z.jPeG"] {
      try scratch.write("x", BytePath(name))
    }
    for name in ["b/notes.txt", "b/.hidden.jpg", ".git/a.jpg", "loose.jpg", "b/Makefile", "b/more.TXT"] {
      try scratch.write("x", BytePath(name))
    }
    let folder = try ImageFolder(root: scratch.path)
    #expect(folder.classes == ["B", "a b", "b"])
    #expect(
      folder.samples.map(\.relativePath.description) == [
        "B/y.png", "a b/z.jPeG", "b/10.jpeg", "b/2.JPG", "b/deep/er/x.WebP",
      ])
    #expect(folder.samples.map(\.label) == [0, 1, 2, 2, 2])
    #expect(folder.numSamplesPerClass == [1, 1, 3])
    #expect(folder.notes.skippedExtensions == ["txt": 2, "": 1])
    #expect(folder.notes.numLooseFiles == 1)
    #expect(folder.path(at: 0) == scratch.path.appending("B/y.png"))
    #expect(folder.selecting([4, 0]).samples.map(\.label) == [2, 0])
  }

  @Test func naturalOrderOnRequest() throws {
    let scratch = try ScratchFolder()
    for name in ["10", "9", "009", "x2y10", "x2y9", "x10"] { try scratch.write("x", BytePath("\(name)/a.png")) }
    #expect(try ImageFolder(root: scratch.path).classes == ["009", "10", "9", "x10", "x2y10", "x2y9"])
    #expect(
      try ImageFolder(root: scratch.path, order: .natural).classes == ["009", "9", "10", "x2y9", "x2y10", "x10"])
  }

  @Test func orderDoesNotDependOnCreation() throws {
    let names = (0..<200).map { "c\($0 % 3)/image\($0).png" }
    let first = try ScratchFolder()
    let second = try ScratchFolder()
    for name in names { try first.write("x", BytePath(name)) }
    for name in names.reversed() { try second.write("x", BytePath(name)) }
    let a = try ImageFolder(root: first.path)
    let b = try ImageFolder(root: second.path)
    #expect(a.samples == b.samples)
    #expect(a.fingerprint == b.fingerprint)
    #expect(a.samples.map(\.relativePath) == names.map { BytePath($0) }.sorted())
    #expect(a.fingerprint != a.selecting(Array(1..<200)).fingerprint)
  }

  @Test func namesThatAreNotText() throws {
    let scratch = try ScratchFolder()
    let latin = BytePath(bytes: [0x63, 0xE9])
    try scratch.write("x", latin.appending(BytePath(bytes: [0xFF, 0x2E, 0x6A, 0x70, 0x67])))
    let folder = try ImageFolder(root: scratch.path)
    #expect(folder.classes == ["c\\xe9"])
    #expect(folder.name(at: 0) == "c\\xe9/\\xff.jpg")
    #expect(try folder.read(at: 0, limit: 10) == [0x78])
  }

  @Test func classesThatStringsConfuse() throws {
    let scratch = try ScratchFolder()
    try scratch.write("x", "caf\u{E9}/a.jpg")
    try scratch.write("x", "cafe\u{301}/a.jpg")
    #expect(throws: ImageFolderError.self) { try ImageFolder(root: scratch.path) }
  }

  @Test(.timeLimit(.minutes(1))) func loopsOfLinksEnd() throws {
    let scratch = try ScratchFolder()
    try scratch.write("x", "a/one.jpg")
    try scratch.write("x", "b/sub/two.jpg")
    try scratch.link("a/loop", to: scratch.path.appending("a"))
    try scratch.link("a/up", to: scratch.path)
    try scratch.link("b/sub/again", to: scratch.path.appending("b/sub"))
    try scratch.link("b/self", to: scratch.path.appending("b/self"))
    try scratch.link("b/gone.jpg", to: "/nowhere/at/all")
    // Forty links to each other would make 2^40 paths if folders were entered more than once.
    for level in 0..<40 {
      try scratch.makeFolder(BytePath("b/m\(level)"))
      for link in 0..<2 {
        try scratch.link(
          BytePath("b/m\(level)/l\(link)"), to: scratch.path.appending(BytePath("b/m\((level + 1) % 40)")))
      }
    }
    let folder = try ImageFolder(root: scratch.path)
    #expect(
      folder.samples.map(\.relativePath.description) == ["a/one.jpg", "b/gone.jpg", "b/sub/two.jpg"])
    #expect(folder.notes.numRepeatedFolders > 40)
    #expect(throws: FileError.self) { try folder.read(at: 1, limit: 10) }
  }

  @Test func linkedClassesAreFollowed() throws {
    let store = try ScratchFolder()
    try store.write("x", "photos/1.jpg")
    let scratch = try ScratchFolder()
    try scratch.link("cats", to: store.path.appending("photos"))
    #expect(try ImageFolder(root: scratch.path).samples.map(\.relativePath.description) == ["cats/1.jpg"])
  }

  @Test func nestingHasALimit() throws {
    let scratch = try ScratchFolder()
    let deep = (0...ImageFolder.maxDepth).reduce(BytePath("a")) { path, _ in path.appending("d") }
    try scratch.write("x", deep.appending("x.jpg"))
    #expect(throws: ImageFolderError.self) { try ImageFolder(root: scratch.path) }
  }

  @Test func errorsSayWhatToDo() throws {
    let scratch = try ScratchFolder()
    func message(_ root: BytePath, classes: [String]? = nil) -> String {
      do {
        _ = try ImageFolder(root: root, classes: classes)
        return "accepted"
      } catch { return "\(error)" }
    }
    #expect(message(scratch.path.appending("nowhere")).contains("is not a folder"))
    try scratch.write("x", "flat/1.jpg")
    #expect(message(scratch.path.appending("flat")).contains("1 image(s) but no folders"))
    try scratch.makeFolder("empty")
    #expect(message(scratch.path).contains("no image (jpg, jpeg, png or webp) in 1 class folder(s)"))
    #expect(message(scratch.path).contains("'empty'"))
    try scratch.makeFolder("hollow/a")
    #expect(message(scratch.path.appending("hollow")).contains("no image"))
    #expect(message(scratch.path, classes: ["flat"]).contains("does not know: 'empty', 'hollow'"))
    #expect(message(scratch.path, classes: ["none", "empty", "hollow", "flat"]) == "accepted")
  }

  @Test func labelsFollowAKnownListOfClasses() throws {
    let scratch = try ScratchFolder()
    for name in ["a", "b"] { try scratch.write("x", BytePath("\(name)/1.jpg")) }
    let folder = try ImageFolder(root: scratch.path, classes: ["z", "b", "a"])
    #expect(folder.classes == ["z", "b", "a"])
    #expect(folder.samples.map(\.relativePath.description) == ["b/1.jpg", "a/1.jpg"])
    #expect(folder.samples.map(\.label) == [1, 2])
    #expect(folder.notes.classesWithoutImages == ["z"])
  }

  @Test func manyOddExtensionsTakeBoundedMemory() throws {
    let scratch = try ScratchFolder()
    try scratch.write("x", "a/1.jpg")
    for number in 0..<50 { try scratch.write("x", BytePath("a/f.e\(number)")) }
    let skipped = try ImageFolder(root: scratch.path).notes.skippedExtensions
    #expect(skipped.count == ImageFolder.maxExtensionsListed + 1)
    #expect(skipped.values.reduce(0, +) == 50)
  }

  @Test func imagesBelowAnyFolder() throws {
    let store = try ScratchFolder()
    try store.write("x", "photos/far.jpg")
    let scratch = try ScratchFolder()
    for name in ["b.PNG", "a/2.jpg", "a/10.jpg", ".quarantine/files/a/bad.jpg", "a/.hidden.jpg", "x.heic", "a/y.BMP"] {
      try scratch.write("x", BytePath(name))
    }
    let latin = BytePath(bytes: [0xE9, 0x2E, 0x6A, 0x70, 0x67])
    try scratch.write("x", latin)
    try scratch.link("a/loop", to: scratch.path)
    try scratch.link("linked", to: store.path.appending("photos"))
    let (paths, notes) = try ImageFolder.images(below: scratch.path)
    #expect(paths == ["a/10.jpg", "a/2.jpg", "b.PNG", "linked/far.jpg", latin].map { scratch.path.appending($0) })
    #expect(notes.numRepeatedFolders == 1 && notes.unreadableFolders.isEmpty)
    #expect(notes.otherImages == ["heic": 1, "bmp": 1] && notes.skippedExtensions.isEmpty)
    #expect(throws: ImageFolderError.self) { try ImageFolder.images(below: scratch.path.appending("b.PNG")) }
  }

  @Test func imagesOfOtherKindsAreNamedOnce() throws {
    let scratch = try ScratchFolder()
    for name in ["a/1.jpg", "a/2.HEIC", "b/1.jpg", "b/2.heic", "b/3.gif", "b/notes.txt"] {
      try scratch.write("x", BytePath(name))
    }
    let lines = try ImageFolder(root: scratch.path).notes.lines(side: "training")
    #expect(
      lines == [
        "training images are left out: 2 .heic, 1 .gif cannot be read; convert to JPEG, PNG or WebP",
        "training files of other types are ignored: 1 .txt",
      ])
    // Where a class has no other image, the error says why.
    try scratch.write("x", "c/1.tiff")
    let error = #expect(throws: ImageFolderError.self) { try ImageFolder(root: scratch.path) }
    #expect(try #require(error).description.hasSuffix("1 .gif, 1 .tiff cannot be read; convert to JPEG, PNG or WebP"))
  }

  @Test func oneClassAloneIsNoSetToTrainOn() throws {
    let scratch = try ScratchFolder()
    try scratch.write("x", "set/photos/rose/1.jpg")
    let set = scratch.path.appending("set")
    #expect(throws: ImageFolderError.oneClass("photos", root: set.description, inner: true)) {
      try ImageFolder(root: set).requireSeveralClasses()
    }
    try scratch.write("x", "set/photos/tulip/1.jpg")
    try ImageFolder(root: set.appending("photos")).requireSeveralClasses()
    try scratch.write("x", "flat/rose/1.jpg")
    let error = #expect(throws: ImageFolderError.self) {
      try ImageFolder(root: scratch.path.appending("flat")).requireSeveralClasses()
    }
    #expect(try #require(error).description.hasSuffix("add class folders"))
  }

  /// Root may list any folder: the process gives up that right.
  @Test func anUnreadableClassFolder() async {
    await #expect(processExitsWith: .success) {
      let scratch = try ScratchFolder()
      try DatasetScanTests.write(scratch)
      let image = try JPEGEncoder().encode(LoaderFixture.image(90, width: 50, height: 40))
      try scratch.write(image, "train/rose/deep/1.jpg")
      for name in ["train/rose/deep", "train/tulip"] {
        _ = scratch.path.appending(BytePath(name)).withCString { chmod($0, 0) }
      }
      defer {
        _ = seteuid(0)
        for name in ["train/rose/deep", "train/tulip"] {
          _ = scratch.path.appending(BytePath(name)).withCString { chmod($0, 0o755) }
        }
      }
      #expect(geteuid() != 0 || seteuid(65_534) == 0)
      let deep = scratch.path.appending("train/rose/deep")
      #expect(throws: ImageFolderError.unreadable(FileError("list", deep, code: EACCES))) {
        try ImageFolder(root: scratch.path.appending("train"), classes: ["tulip", "rose"])
      }
      let scan = try DatasetScan(folder: scratch.path)
      #expect(DatasetScanTests.found(.unreadableFolder, in: scan) == [["train/rose/deep"], ["train/tulip"]])
      #expect(scan.hasFaults && scan.numSamples == 7)
      #expect(DatasetScanTests.found(.classInOneSplit, in: scan) == [["tulip"]])
      let below = try ImageFolder.images(below: scratch.path)
      #expect(below.paths.count == 7 && below.notes.unreadableFolders.count == 2)
    }
  }
}
