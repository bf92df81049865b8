import Telemetry
import Testing

@Suite struct MeasureTests {
  @Test func confusionMatrix() {
    var matrix = ConfusionMatrix(classes: ["cat", "dog", "owl"])
    let samples = [(0, 0), (0, 0), (0, 1), (1, 1), (1, 0), (1, 0), (1, 1)]
    for (target, prediction) in samples { matrix.add(target: target, prediction: prediction) }
    #expect(matrix.rows == [[2, 1, 0], [2, 2, 0], [0, 0, 0]])
    #expect(matrix.precision(of: 0) == 0.5)
    #expect(matrix.precision(of: 1) == 2.0 / 3)
    #expect(matrix.recall(of: 0) == 2.0 / 3)
    #expect(matrix.recall(of: 1) == 0.5)
    #expect(matrix.precision(of: 2) == nil)
    #expect(matrix.recall(of: 2) == nil)
    #expect(matrix.support(of: 1) == 4)
    #expect(matrix.accuracy == 4.0 / 7)
    #expect(matrix.worstConfusions(5).map(\.count) == [2, 1])
    #expect(matrix.worstConfusions(1).map { [$0.target, $0.prediction] } == [[1, 0]])
  }

  @Test func confusionMatrixAsText() {
    var matrix = ConfusionMatrix(classes: ["cat", "dog\u{1B}[2J"])
    for _ in 0..<12 { matrix.add(target: 0, prediction: 0) }
    matrix.add(target: 1, prediction: 0)
    #expect(
      matrix.text() == """
        true \\ predicted  cat  dog\\u{1B}[2J
        cat                12             0
        dog\\u{1B}[2J        1             0

        """)
    #expect(
      matrix.text(maximumClasses: 1) == """
        true          predicted  count
        dog\\u{1B}[2J  cat            1

        """)
    #expect(
      matrix.classTable == """
        class         precision %  recall %  samples
        cat                  92.3     100.0       12
        dog\\u{1B}[2J            -       0.0        1

        """)
  }

  @Test func manyClassesTakeLittleMemory() {
    var matrix = ConfusionMatrix(classes: (0..<100_000).map { "\($0)" })
    matrix.add(target: 99_999, prediction: 3)
    #expect(matrix[target: 99_999, prediction: 3] == 1)
    #expect(matrix.text().hasSuffix("99999  3              1\n"))
  }

  @Test func table() {
    var table = TextTable(["a", "b"], alignment: [.left, .right])
    table.append(["long", "1"])
    table.append(["", "22"])
    #expect(table.text == "a      b\nlong   1\n      22\n")
  }
}
