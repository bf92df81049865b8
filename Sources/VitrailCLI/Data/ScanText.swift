import Dataset
import Foundation
import Telemetry

/// A scan's report for people.
enum ScanText {
  /// Longer lists are cut; the JSON file has all of it.
  static let maxItems = 8
  static let maxClasses = 40

  static func text(_ scan: DatasetScan) -> String {
    [head(scan), findings(scan), classes(scan.balance), sizes(scan.sizes)].joined(separator: "\n")
  }

  static func quarantined(_ outcome: Quarantine.Outcome, of folder: String, rest: DatasetScan) -> String {
    var lines = ["moved \(outcome.moved.count) file(s) to \(printable(folder))/\(Quarantine.folderName)/files"]
    lines += left(outcome)
    if !outcome.moved.isEmpty { lines.append("undo with: vitrail data scan \(printable(folder)) --fix restore") }
    let faults = rest.findings.filter(\.kind.isFault)
    if !faults.isEmpty {
      lines.append(
        "faults that remain: " + faults.map { "\(title($0.kind)) (\($0.items.count))" }.joined(separator: ", "))
    }
    return lines.map { $0 + "\n" }.joined()
  }

  static func restored(_ outcome: Quarantine.Outcome, to folder: String) -> String {
    let head = "moved \(outcome.moved.count) file(s) back into \(printable(folder))"
    return ([head] + left(outcome)).map { $0 + "\n" }.joined()
  }

  private static func left(_ outcome: Quarantine.Outcome) -> [String] {
    outcome.left.map { printable("not moved: \($0.path): \($0.reason)") }
  }

  private static func head(_ scan: DatasetScan) -> String {
    let sides = scan.balance.parts.indices.filter { _ in scan.balance.parts.count > 1 }.map { part in
      "\(printable(scan.balance.parts[part])) \(scan.balance.counts[part].reduce(0, +))"
    }
    let usable = scan.balance.totals.reduce(0, +)
    var line = "\(printable(scan.path)): \(scan.numSamples) images in \(scan.balance.classes.count) classes, "
    line += "\(amount(scan.sizes.totalBytes)), \(usable == scan.numSamples ? "all" : "\(usable)") usable"
    return line + (sides.isEmpty ? "" : " (\(sides.joined(separator: ", ")))") + "\n"
  }

  private static func findings(_ scan: DatasetScan) -> String {
    if scan.findings.isEmpty { return "Nothing to report.\n" }
    let groups = [
      ("Faults", scan.findings.filter(\.kind.isFault)), ("Notes", scan.findings.filter { !$0.kind.isFault }),
    ]
    return groups.filter { !$0.1.isEmpty }.map { name, findings in
      "\(name)\n" + findings.map(text).joined()
    }.joined(separator: "\n")
  }

  private static func text(_ finding: ScanFinding) -> String {
    // Of what is harmless an example is enough.
    let limit = finding.kind.isFault ? maxItems : 3
    var lines = ["  \(title(finding.kind)): \(finding.items.count)"]
    lines += finding.items.prefix(limit).map { "    " + line($0) }
    let rest = finding.items.count - limit
    if rest > 0 { lines.append("    and \(rest) more") }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func line(_ item: ScanFinding.Item) -> String {
    var names = item.samples.prefix(4).map(\.path)
    if item.samples.count > names.count { names.append("\(item.samples.count - names.count) more") }
    let subject = item.samples.isEmpty ? item.subject : names.joined(separator: " = ")
    return printable(item.detail.isEmpty ? subject : "\(subject): \(item.detail)")
  }

  static func title(_ kind: ScanFinding.Kind) -> String {
    switch kind {
    case .unreadable: "cannot be read"
    case .unreadableFolder: "folders that cannot be read"
    case .notAnImage: "not an image"
    case .truncated: "truncated"
    case .damaged: "damaged"
    case .unsupported: "unsupported"
    case .tooLarge: "larger than the limit"
    case .inTwoClasses: "the same image in several classes"
    case .inBothSplits: "the same image in several splits"
    case .classWithoutImages: "classes without a usable image"
    case .classInOneSplit: "classes missing in a split"
    case .singleClass: "one class alone (training needs two or more)"
    case .duplicate: "duplicates within a class"
    case .wrongExtension: "extension of another format (the contents decide)"
    case .cmyk: "CMYK (converted when read)"
    case .tiny: "tiny"
    case .unbalanced: "unbalanced classes"
    case .labelGap: "missing class numbers"
    case .rotated: "EXIF orientation (applied when read)"
    case .greyscale: "greyscale"
    case .otherImage: "images of kinds that are not read (left out; convert to JPEG, PNG or WebP)"
    case .looseFile: "files outside of class folders (ignored)"
    case .otherFile: "files of other types (ignored)"
    }
  }

  private static func classes(_ balance: ClassBalance) -> String {
    let totals = balance.totals
    let order = totals.indices.sorted { (totals[$1], $0) < (totals[$0], $1) }
    // Both ends of a long list matter most.
    let isLong = order.count > maxClasses
    let shown = isLong ? Array(order.prefix(maxClasses / 2) + order.suffix(maxClasses / 2)) : Array(totals.indices)
    let columns = balance.parts.count > 1 ? balance.parts : ["images"]
    var table = TextTable(["class"] + columns + [""], alignment: [.left] + columns.map { _ in .right } + [.left])
    let most = max(1, totals.max() ?? 1)
    for (place, index) in shown.enumerated() {
      if isLong, place == maxClasses / 2 {
        table.append(["(\(order.count - maxClasses) more)"] + columns.map { _ in "" } + [""])
      }
      table.append([balance.classes[index]] + balance.counts.map { "\($0[index])" } + [bar(totals[index], of: most)])
    }
    let ratio = balance.ratio.map { String(format: "largest to smallest: %.1f\n", $0) } ?? ""
    return "Classes\n" + indented(table.text + ratio)
  }

  private static func sizes(_ sizes: ScanSizes) -> String {
    var table = TextTable(["", "min", "median", "max"], alignment: [.left, .right, .right, .right])
    for (name, values) in [("width", sizes.width), ("height", sizes.height)] {
      table.append([name, "\(values.minimum)", "\(values.median)", "\(values.maximum)"])
    }
    table.append(["file", amount(sizes.bytes.minimum), amount(sizes.bytes.median), amount(sizes.bytes.maximum)])
    let text =
      table.text + "\n" + histogram("shorter side", sizes.shortSide) { "\($0)" } + "\n"
      + histogram("file", sizes.bytes) { amount($0) }
    return "Sizes\n" + indented(text)
  }

  private static func histogram(
    _ name: String, _ values: ScanSizes.Distribution, _ label: (Int) -> String
  ) -> String {
    var table = TextTable([name, "images", ""], alignment: [.left, .right, .left])
    let bins = values.bins
    let most = max(1, bins.map(\.count).max() ?? 1)
    let used = bins.indices.filter { bins[$0].count > 0 }
    for index in (used.first ?? 0)..<((used.last ?? -1) + 1) {
      let end = index + 1 < bins.count ? "up to \(label(bins[index + 1].from))" : "from \(label(bins[index].from))"
      table.append([end, "\(bins[index].count)", bar(bins[index].count, of: most)])
    }
    return table.text
  }

  private static func bar(_ count: Int, of most: Int) -> String {
    String(repeating: "#", count: count == 0 ? 0 : max(1, 30 * count / most))
  }

  private static func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "  \($0)" }
      .joined(separator: "\n")
  }

  private static func amount(_ bytes: Int) -> String {
    if bytes < 1 << 10 { return "\(bytes) B" }
    if bytes < 1 << 20 { return String(format: "%.0f KiB", Double(bytes) / 1024) }
    if bytes < 1 << 30 { return String(format: "%.1f MiB", Double(bytes) / 1_048_576) }
    return String(format: "%.1f GiB", Double(bytes) / 1_073_741_824)
  }
}
