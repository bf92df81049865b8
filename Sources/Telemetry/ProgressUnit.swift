// What progress is counted in.

import Foundation

/// What progress is counted in.
public enum ProgressUnit: Sendable, Equatable {
  /// Things, by the word for several of them: files, images, steps.
  case items(String)
  /// Bytes, shown in kB, MB or GB.
  case bytes

  /// How much of a total is done: `12/80 files`, `1.5/8.0 MB`.
  func amount(_ done: Int, of total: Int?) -> String {
    switch self {
    case .items(let name): "\(done)\(total.map { "/\($0)" } ?? "") \(name)"
    case .bytes:
      {
        let (scale, name) = Self.scale(Double(total ?? done))
        let parts = [done] + (total.map { [$0] } ?? [])
        return parts.map { formatted(Double($0) / scale, decimals: 1) }.joined(separator: "/") + " " + name
      }()
    }
  }

  /// A rate: `120 files/s`, `3.4 MB/s`.
  func rate(_ perSecond: Double) -> String {
    switch self {
    case .items(let name): "\(formatted(perSecond, decimals: perSecond < 10 ? 1 : 0)) \(name)/s"
    case .bytes:
      {
        let (scale, name) = Self.scale(perSecond)
        return "\(formatted(perSecond / scale, decimals: 1)) \(name)/s"
      }()
    }
  }

  private static func scale(_ bytes: Double) -> (Double, String) {
    if bytes >= 1e9 { return (1e9, "GB") }
    return bytes >= 1e6 ? (1e6, "MB") : (1e3, "kB")
  }
}
