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
}
