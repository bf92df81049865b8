import Settings
import Testing

/// `Name(key=value, ...)` beside the mapping that it stands for.
@Suite struct ShortFormTests {
  enum Family: OptionsFamily {
    static let table: KeyValuePairs<String, any Validatable.Type> = [
      "RandomCrop": Crop.self, "AutoContrast": Empty.self, "Sometimes": Sometimes.self,
    ]
  }

  struct Empty: Validatable {}

  struct Crop: Validatable {
    enum Mode: String, Codable, CaseIterable { case zeros, none }
    struct Inner: Validatable {
      var low = 0.1
      var high = 1.0
    }

    var size = ScalarOrList<Int>.scalar(224)
    var ratio = [0.5, 2.0]
    var mode = Mode.zeros
    var label: String?
    var inner = Inner()

    func validate(_ issues: inout IssueCollector) {
      issues.check(size.elements.allSatisfy { $0 > 0 }, "size", found: size.elements, "positive sizes")
      issues.check("inner.low", inner.low, in: 0...1)
    }
  }

  struct Sometimes: Validatable {
    var transform = Tagged<Family>(Empty())
    var probability = 0.5
  }

  struct Root: Validatable {
    var transforms: [Tagged<Family>] = []
    var one = Tagged<Family>(Crop())
  }

  typealias Form = Tagged<Family>

  private func crop(_ text: String) throws -> Crop { try #require(try Form(shortForm: text).options as? Crop) }

  private func messages(_ text: String) -> [String] {
    do {
      _ = try Form(shortForm: text)
      return []
    } catch {
      return error.issues.map(\.description)
    }
  }

  private func rootIssues(_ yaml: String, _ flags: String...) -> [String] {
    do {
      _ = try OptionsLoader.load(Root.self, yaml: yaml, overrides: flags)
      return []
    } catch {
      return error.issues.map(\.description)
    }
  }

  @Test func valuesOfEveryKind() throws {
    #expect(try Form(shortForm: "AutoContrast").name == "AutoContrast")
    #expect(try Form(shortForm: " auto_contrast ( ) ").name == "AutoContrast")
    let all = try crop("RandomCrop(size=[3, 4,], ratio=[.5,1e0], mode = none, label='a \"\\'\\\\,)b', inner.low=0.25,)")
    #expect(all.size == .list([3, 4]) && all.ratio == [0.5, 1] && all.mode == .none)
    #expect(all.label == "a \"'\\,)b" && all.inner.low == 0.25 && all.inner.high == 1)
    #expect(try crop("random_crop(size=8)").size == .scalar(8))
    #expect(try crop("RandomCrop(label=null)").label == nil)
    #expect(try crop("RandomCrop(label=\"null\")").label == "null")
    let nested = try Form(shortForm: "Sometimes(transform=RandomCrop(size=9), probability=1)")
    let inside = try #require((nested.options as? Sometimes)?.transform.options as? Crop)
    #expect(inside.size == .scalar(9))
  }

  @Test func faultsHaveTheirPlace() {
    #expect(
      messages("RandomCrop(size)") == [
        "RandomCrop(size): 'RandomCrop(size)', character 16: found ')', expected '=' and a value after 'size'"
      ])
    #expect(messages("RandomCrop(size=3").first?.contains("character 18: found the end, expected ',' or ')'") == true)
    #expect(messages("RandomCrop(size=3").first?.hasSuffix("stands in quotes") == true)
    #expect(messages("RandomCrop(size=3) x").first?.contains("character 20: found 'x', expected nothing") == true)
    #expect(messages("RandomCrop(size=3, size=4)").first?.contains("character 20: 'size' cannot stand here") == true)
    #expect(
      messages("RandomCrop(3)") == [
        "RandomCrop(3): 'RandomCrop(3)', character 12: '3' has no name; write RandomCrop(size=3)"
      ])
    #expect(messages("RandomCrop('a', size=3)").first?.hasSuffix("'a' has no name; write RandomCrop(mode=a)") == true)
    #expect(messages("RandomCrop(-1.5)").first?.hasSuffix("; write the setting's name before it") == true)
    #expect(messages("RandomCrop(3 4)").first?.contains("expected '='") == true)
    #expect(messages("RandomCrop(label='a)").first?.contains("found the end") == true)
    #expect(messages("RandomCrop(label='\\n')").first?.contains("backslash") == true)
    #expect(messages("RandomCrop(type=3)").first?.contains("'type' cannot stand here") == true)
    #expect(messages("(a=1)").first?.contains("expected a name") == true)
    #expect(messages("RandomCrop(.a=1)").count == 1)
    #expect(messages("").count == 1)
  }

  @Test func namesAndKeysAreCheckedAsEverywhere() {
    #expect(messages("RandomCrap(size=3)").first?.hasSuffix("did you mean 'RandomCrop'?") == true)
    #expect(messages("RandomCrop(sise=3)") == ["RandomCrop(sise=3): sise: unknown key; did you mean 'size'?"])
    #expect(
      messages("RandomCrop(size=a, mode=zero)") == [
        "RandomCrop(size=a, mode=zero): size: found 'a', expected an integer",
        "RandomCrop(size=a, mode=zero): mode: found 'zero', expected one of zeros, none; did you mean 'zeros'?",
      ])
    #expect(messages("RandomCrop(size=[2, -1])").first?.hasSuffix("expected positive sizes") == true)
    #expect(messages("RandomCrop(inner.low=2)").count == 1)
    #expect(messages("Sometimes(transform=RandomCrop(sise=9))").first?.contains("transform.sise") == true)
  }

  @Test func settingsTakeItWhereATypeMayStand() throws {
    let root = try OptionsLoader.load(
      Root.self,
      yaml: """
        transforms:
        - AutoContrast
        - RandomCrop(size=[3, 4], mode=none)
        - {type: "RandomCrop(size=5)", label: x}
        - Sometimes(transform=AutoContrast())
        one: {type: random_crop, size: [6, 7]}
        """)
    #expect(
      root.transforms.map(\.shortForm) == [
        "AutoContrast", "RandomCrop(size=[3, 4], mode='none')", "RandomCrop(size=5, label=x)", "Sometimes",
      ])
    #expect(root.one.shortForm == "RandomCrop(size=[6, 7])")
    #expect(
      rootIssues("transforms: [RandomCrop(size=3, mode=none)]").first?.contains("in a list in brackets") == true)
    #expect(
      rootIssues("\ntransforms:\n- RandomCrop(size=0)\n- RandomCrop(size)") == [
        "line 3: transforms.0.size: found [0], expected positive sizes",
        "line 4: transforms.1: 'RandomCrop(size)', character 16: found ')', expected '=' and a value after 'size'",
      ])
    #expect(rootIssues("one: {type: RandomCrop(size=3), size: 4}").first?.contains("one is enough") == true)
  }

  @Test func flagsChangeIt() throws {
    func one(_ yaml: String, _ flags: String...) throws -> String {
      try OptionsLoader.load(Root.self, yaml: yaml, overrides: flags).one.shortForm
    }
    #expect(try one("", "one=RandomCrop(size=3)") == "RandomCrop(size=3)")
    #expect(try one("one: RandomCrop(size=3, label=a)", "one.size=4") == "RandomCrop(size=4, label=a)")
    #expect(try one("one: RandomCrop(size=3)", "one.type=AutoContrast") == "AutoContrast")
    #expect(try one("one: {type: RandomCrop, size: 3}", "one.type=auto_contrast") == "AutoContrast")
    // The same type in another spelling keeps what the file says.
    #expect(try one("one: {type: RandomCrop, size: 3}", "one.type=random_crop") == "RandomCrop(size=3)")
    let list = try OptionsLoader.load(
      Root.self, yaml: "transforms: [\"RandomCrop(size=[3, 4], label=b)\"]", overrides: ["transforms.0.size=9"])
    #expect(list.transforms[0].shortForm == "RandomCrop(size=9, label=b)")
  }

  @Test(arguments: [
    "AutoContrast", "RandomCrop(size=3)", "RandomCrop(size=[3])", "RandomCrop(ratio=[], label='it\\'s \\\\ \"x\"')",
    "RandomCrop(label='null')", "RandomCrop(label='')", "RandomCrop(inner.low=0.5, inner.high=2.0)",
    "Sometimes(transform=RandomCrop(size=[1, 2], ratio=[0.5, 2.0], mode=zeros, label=null, inner.low=0.5))",
  ])
  func writtenFormsAreReadBack(text: String) throws {
    let form = try Form(shortForm: text)
    #expect(try Form(shortForm: form.shortForm) == form)
    if !text.contains("Sometimes") { #expect(form.shortForm == text) }
  }

  @Test func sizesAreBounded() {
    let long = "RandomCrop(label='" + String(repeating: "x", count: 5000) + "')"
    #expect(messages(long).first?.contains("longer than 4096 bytes") == true)
    for bracket in ["[", "Sometimes(transform=", "(", "'", "RandomCrop(a.a.a.a.a.a.a.a.a.a.a=1)"] {
      let deep = "RandomCrop(size=" + String(repeating: bracket, count: 3800 / bracket.count)
      #expect(messages(deep).count == 1)
    }
    #expect(messages("RandomCrop(size=[[[[[[[[[1]]]]]]]]])").first?.contains("nested deeper") == true)
  }

  /// Neither random bytes nor mutilated forms do more than give an error.
  @Test func randomTextsAreRefusedOrRead() {
    var state: UInt64 = 7
    func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    let alphabet = Array("()[]{}=,.'\"\\ _-+:~#&*!|%@\n\t\u{0}\u{301}é😀aZ019RandomCrop".unicodeScalars)
    let forms = [
      "RandomCrop(size=[3, 4], ratio=[.5,1e0], mode=none, label='a\\'b', inner.low=0.25)",
      "Sometimes(transform=RandomCrop(size=9), probability=1)", "AutoContrast",
    ].map { Array($0.unicodeScalars) }
    var numRead = 0
    for round in 0..<10_000 {
      var scalars =
        round % 2 == 0 ? forms[below(forms.count)] : (0..<below(60)).map { _ in alphabet[below(alphabet.count)] }
      for _ in 0..<below(4) where !scalars.isEmpty {
        switch below(3) {
        case 0: scalars[below(scalars.count)] = alphabet[below(alphabet.count)]
        case 1: scalars.remove(at: below(scalars.count))
        default: scalars.insert(alphabet[below(alphabet.count)], at: below(scalars.count + 1))
        }
      }
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars)
      if let form = try? Form(shortForm: text) {
        numRead += 1
        #expect((try? Form(shortForm: form.shortForm)) == form, "\(text)")
      }
    }
    #expect(numRead > 1000 && numRead < 9000)
  }
}
