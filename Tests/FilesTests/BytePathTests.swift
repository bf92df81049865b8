import Testing

@testable import Files

struct BytePathTests {
  @Test func componentsAndExtensions() {
    let path: BytePath = "a/b/Photo.JpEg"
    #expect(path.lastComponent == "Photo.JpEg")
    #expect(path.parent == "a/b")
    #expect(path.pathExtension == "jpeg")
    #expect(BytePath("a/b/").lastComponent == "b")
    #expect(BytePath("a/b/").parent == "a")
    #expect(BytePath("a").parent == ".")
    #expect(BytePath("/a").parent == "/")
    #expect(BytePath("/").parent == "/")
    #expect(BytePath(".hidden").pathExtension == "")
    #expect(BytePath("a.b/c").pathExtension == "")
    #expect(BytePath("a").appending("b") == "a/b")
    #expect(BytePath("a/").appending("b") == "a/b")
    #expect(BytePath("").appending("b") == "b")
  }

  @Test func ordersByBytesWhereStringsDoNot() {
    let composed = BytePath("\u{E9}")
    let decomposed = BytePath("e\u{301}")
    #expect("\u{E9}" == "e\u{301}", "Swift's strings take them for equal")
    #expect(composed != decomposed)
    #expect(decomposed < composed)
    #expect(BytePath("10") < BytePath("2"))
    #expect(BytePath("Z") < BytePath("a"))
  }

  @Test func everyNameFitsOnOneLine() {
    #expect(BytePath("ro\u{301}se").description == "ro\u{301}se")
    #expect(BytePath(bytes: [0x61, 0xFF, 0x62]).description == "a\\xffb")
    #expect(BytePath("a\nb").description == "a\\x0ab")
    #expect(BytePath(bytes: [0xC3, 0xA9, 0xE2, 0x82]).description == "\u{E9}\\xe2\\x82")
    #expect(BytePath(bytes: [0xF0, 0x9F, 0x98, 0x80, 0x80]).description == "\u{1F600}\\x80")
    #expect(BytePath(bytes: [0x61, 0, 0x62]).bytes == [0x61])
  }

  @Test func containment() {
    #expect(BytePath("/a/b").isInside("/a"))
    #expect(BytePath("/a").isInside("/a"))
    #expect(BytePath("/a").isInside("/"))
    #expect(!BytePath("/ab").isInside("/a"))
    #expect(!BytePath("/a").isInside("/a/b"))
  }
}
