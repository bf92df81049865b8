// One line of progress: a title, a bar where there is room, what is done, notes.

/// The parts of a progress line.
struct ProgressLine {
  var title: String
  /// From 0 to 1; nil where the total is not known.
  var fraction: Double?
  /// Whether the share is written in percent too.
  var showsPercent = true
  var notes: [String]

  /// The line, with a bar of 10, 20 or 30 characters if the notes leave the room for it.
  func text(width: Int) -> String {
    guard let fraction else { return ([title] + notes).joined(separator: "  ") }
    let percent = Int((100 * min(max(fraction, 0), 1)).rounded(.down))
    let share = showsPercent ? [leftPadded("\(percent)%", to: 4)] : []
    for separator in ["  ", " "] {
      let tail = (share + notes).joined(separator: separator)
      // The brackets, and the spaces around them.
      let room = width - 1 - title.count - tail.count - 3 - separator.count
      if room >= 10 { return "\(title) [\(bar(percent, room: room))]\(separator)\(tail)" }
    }
    return ([title] + share + notes).joined(separator: "  ")
  }

  private func bar(_ percent: Int, room: Int) -> String {
    // In steps, so that the bar keeps its length while the notes change theirs.
    let length = min(room / 10 * 10, 30)
    let filled = length * percent / 100
    let head = filled > 0 && filled < length ? ">" : ""
    return String(repeating: "=", count: filled - head.count) + head + String(repeating: " ", count: length - filled)
  }
}
