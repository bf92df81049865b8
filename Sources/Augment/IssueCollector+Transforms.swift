import Preprocessing
import Settings

extension IssueCollector {
  /// Reports a filter that needs more than the neighbours of a point.
  mutating func checkPointwise(_ interpolation: Interpolation) {
    check(
      interpolation.isPointwise, "interpolation", found: interpolation.rawValue, "nearest, bilinear or bicubic")
  }

  /// Reports what is no colour.
  mutating func checkFill(_ fill: ScalarOrList<Int>) {
    let isColor = fill.elements.count == (fill.isList ? 3 : 1)
    check(
      isColor && fill.elements.allSatisfy { (0...255).contains($0) }, "fill", found: fill.elements,
      "a grey from 0 to 255, or a list of red, green and blue")
  }

  /// Reports what is no size: one number, or a height and a width.
  mutating func checkSize(_ size: ScalarOrList<Int>) {
    let isSize = size.elements.count == (size.isList ? 2 : 1)
    let limits = 1...ImagePreprocessing.maxSide
    check(
      isSize && size.elements.allSatisfy(limits.contains), "size", found: size.elements,
      "from 1 to \(ImagePreprocessing.maxSide), or a height and a width of these")
  }

  /// Reports what are not two ascending numbers in a range.
  mutating func checkAscending(
    _ key: String, _ numbers: [Double], in limits: ClosedRange<Double>, _ expected: String
  ) {
    check(
      numbers.count == 2 && numbers[0] <= numbers[1] && numbers.allSatisfy(limits.contains), key, found: numbers,
      expected)
  }

  /// Reports what is neither an amount either way nor two ascending numbers.
  mutating func checkAmount(_ key: String, _ amount: ScalarOrList<Double>, upTo limit: Double) {
    checkRange(key, amount, in: amount.isList ? -limit...limit : 0...limit)
  }

  /// Reports what is no column and row.
  mutating func checkPoint(_ key: String, _ point: [Double]?) {
    guard let point else { return }
    let limits = -1e6...1e6
    check(
      point.count == 2 && point.allSatisfy(limits.contains), key, found: point, "a column and a row, up to a million")
  }

  /// Reports what is neither a number in a range nor two ascending ones.
  mutating func checkRange(_ key: String, _ range: ScalarOrList<Double>, in limits: ClosedRange<Double>) {
    let numbers = range.elements
    let isRange = range.isList ? numbers.count == 2 && numbers[0] <= numbers[1] : true
    check(
      isRange && numbers.allSatisfy(limits.contains), key, found: numbers,
      "a number from \(limits.lowerBound) to \(limits.upperBound), or two ascending ones")
  }
}

extension ScalarOrList<Int> {
  /// The colour of validated settings.
  var color: (UInt8, UInt8, UInt8) {
    let numbers = elements.map { UInt8(clamping: $0) }
    precondition(numbers.count == 1 || numbers.count == 3, "a colour is one number or three, got \(elements)")
    return (numbers[0], numbers[numbers.count / 2], numbers[numbers.count - 1])
  }

  /// Height and width of validated settings.
  var heightAndWidth: (height: Int, width: Int) {
    precondition(elements.count == 1 || elements.count == 2, "a size is one number or two, got \(elements)")
    return (elements[0], elements[elements.count - 1])
  }
}

extension ScalarOrList<Double> {
  /// The range of validated settings; of one number it holds that only.
  var range: ClosedRange<Double> {
    precondition(elements.count == 1 || elements.count == 2, "a range is one number or two, got \(elements)")
    return elements[0]...elements[elements.count - 1]
  }

  /// The range of validated settings; of one number, up to it either way.
  var eitherWay: ClosedRange<Double> { isList ? range : -elements[0]...elements[0] }
}
