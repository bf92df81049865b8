public import Testing
public import Torch

/// max|a - b| / max|b|: how far `actual` is from `expected`. Infinite where the shapes differ or a value is not a
/// number, and where `expected` is all zero and `actual` is not.
public func maxRelativeDifference(_ actual: Tensor, _ expected: Tensor) -> Double {
  guard actual.shape == expected.shape else { return .infinity }
  let (a, b) = (actual.doubles(), expected.doubles())
  guard a.allSatisfy(\.isFinite) && b.allSatisfy(\.isFinite) else { return .infinity }
  let difference = zip(a, b).map { abs($0 - $1) }.max() ?? 0
  let scale = b.map(abs).max() ?? 0
  if difference == 0 { return 0 }
  return scale == 0 ? .infinity : difference / scale
}

/// Expects `maxRelativeDifference(actual, expected)` to be at most `tolerance`.
public func expectClose(
  _ actual: Tensor?, _ expected: Tensor?, tolerance: Double, _ label: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard let actual, let expected else {
    Issue.record("\(label): a tensor is missing", sourceLocation: sourceLocation)
    return
  }
  let difference = maxRelativeDifference(actual, expected)
  #expect(
    difference <= tolerance, "\(label) \(actual.shape) \(expected.shape): \(difference)",
    sourceLocation: sourceLocation)
}
