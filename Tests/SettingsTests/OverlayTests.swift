import Foundation
import Testing

@testable import Settings

@Suite struct OverlayTests {
  private struct Shape: Validatable, Overlayable {
    enum Form: String, Codable, CaseIterable { case round, square }
    var width = 3
    var height = 4.5
    var form = Form.round
    var id = 7

    static let fields: [OverlayField<Shape>] = [
      .init("width", \.width), .init("height", \.height), .init("form", \.form),
      .init("id", \.id, isChangeable: false),
    ]

    func validate(_ issues: inout IssueCollector) { issues.check("width", width, in: 1...10) }
  }

  private struct Recipe: Validatable, Equatable {
    var name = "a"
    var changes = Overlay<Shape>()
  }

  private func decoded(_ json: String) throws -> Shape { try JSONDecoder().decode(Shape.self, from: Data(json.utf8)) }

  @Test func aFileMayHaveFewerFieldsAndOthers() throws {
    var expected = Shape()
    #expect(try decoded("{}") == expected)
    expected.height = 2
    expected.id = 8
    #expect(try decoded(#"{"id": 8, "height": 2, "depth": [1, {"x": null}]}"#) == expected)
  }

  @Test(arguments: [#"{"width": "3"}"#, #"{"width": null}"#, #"{"form": "oval"}"#, "[]", #"{"width": 3.5}"#])
  func aFieldOfAnotherTypeIsRefused(json: String) {
    #expect(throws: DecodingError.self) { try decoded(json) }
  }

  @Test func changesAreLaidOverAValue() {
    var changes = Overlay<Shape>()
    var base = Shape()
    base.height = 9
    base.id = 1
    #expect(changes.applied(to: base) == base)
    changes.width = 5
    changes.form = .square
    #expect((changes.width, changes.height, changes.form) == (5, nil, .square))
    var expected = base
    expected.width = 5
    expected.form = .square
    #expect(changes.applied(to: base) == expected)
    changes.form = nil
    expected.form = .round
    #expect(changes.applied(to: base) == expected)
    changes.width = nil
    #expect(changes == Overlay())
    // A change to what is the default anyway is one.
    changes.height = 4.5
    #expect(changes != Overlay() && changes.applied(to: base).height == 4.5)
  }

  @Test func settingsComeBack() throws {
    var recipe = Recipe()
    #expect(OptionsEncoder.encode(recipe).yaml == "name: a\nchanges:\n  width: null\n  height: null\n  form: null\n")
    recipe.changes.height = 2
    recipe.changes.form = .square
    let yaml = OptionsEncoder.encode(recipe).yaml
    #expect(yaml == "name: a\nchanges:\n  width: null\n  height: 2.0\n  form: square\n")
    #expect(try OptionsLoader.load(Recipe.self, yaml: yaml) == recipe)
    recipe.changes.width = 6
    recipe.changes.form = nil
    let flags = ["changes.width=6", "changes.form=null"]
    #expect(try OptionsLoader.load(Recipe.self, yaml: yaml, overrides: flags) == recipe)
  }

  @Test(arguments: [
    ("changes: {width: wide}", "changes.width"), ("changes: {form: oval}", "changes.form"),
    ("changes: {id: 3}", "changes.id"), ("changes: {widht: 3}", "changes.widht"),
  ]) func whatCannotBeIsRefused(yaml: String, path: String) {
    let error = #expect(throws: OptionsError.self) { try OptionsLoader.load(Recipe.self, yaml: yaml) }
    #expect(error?.issues.map(\.path) == [path])
  }
}
