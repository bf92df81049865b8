import Settings
import Telemetry

/// One thing that `vitrail doctor` looks at.
struct DoctorCheck {
  enum Status: String {
    /// All is well.
    case ok
    /// Training works without it.
    case note
    /// Training cannot work.
    case failed
  }

  let name: String
  var status = Status.ok
  /// What was found, one line each.
  var found: [String]
  /// What to do, where there is something to do.
  var advice: String?
  /// The same for programs.
  var values: [OptionsValue.Entry] = []

  /// The lines for people: the status, the name, what was found, what to do.
  func text(usesColor: Bool) -> String {
    let (mark, color) =
      switch status {
      case .ok: ("ok", 32)
      case .note: ("note", 33)
      case .failed: ("FAILED", 31)
      }
    let padded = mark + String(repeating: " ", count: 8 - mark.count)
    let head = usesColor ? "\u{1B}[\(color)m\(padded)\u{1B}[0m" : padded
    let label = name + String(repeating: " ", count: max(1, 12 - name.count))
    var lines = (found + (advice.map { ["-> \($0)"] } ?? [])).map(printable)
    let first = lines.isEmpty ? "" : lines.removeFirst()
    return ([head + label + first] + lines.map { String(repeating: " ", count: 20) + $0 }).joined(separator: "\n")
  }

  /// The object that `docs/formats/doctor.md` describes.
  var value: OptionsValue {
    .mapping(
      [
        .init("name", .string(name)), .init("status", .string(status.rawValue)),
        .init("found", .list(found.map { .string($0) })), .init("advice", advice.map { .string($0) } ?? .null),
      ] + (values.isEmpty ? [] : [.init("values", .mapping(values))]))
  }
}
