import Files

/// The hosts of a job, one on each line, as Open MPI writes them: `name slots=4`.
public struct HostFile: Equatable, Sendable {
  /// A host and the ranks that it has.
  public struct Host: Equatable, Sendable {
    /// Its name or address.
    public var name: String
    /// Its ranks; nil where the file does not say.
    public var slots: Int?

    /// A host with its ranks.
    public init(name: String, slots: Int?) {
      self.name = name
      self.slots = slots
    }
  }

  /// In the order of the file.
  public var hosts: [Host]

  /// Reads the text of a file; `#` begins a comment.
  /// - Throws: `LaunchError` with the number of the line.
  public init(parsing text: String, of path: String) throws(LaunchError) {
    var hosts: [Host] = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
      guard let name = words.first else { continue }
      let place = "\(path):\(number + 1)"
      guard VariableReader.isHost(name) else { throw .usage("\(place): '\(name.prefix(80))' is no name of a host") }
      guard !hosts.contains(where: { $0.name == name }) else { throw .usage("\(place): \(name) is there twice") }
      var slots: Int?
      for word in words.dropFirst() {
        let halves = word.split(separator: "=", maxSplits: 1)
        guard halves.count == 2, ["slots", "max_slots", "max-slots"].contains(halves[0]),
          let count = VariableReader.number(halves[1]), (1...65_536).contains(count)
        else { throw .usage("\(place): '\(word.prefix(80))' is not slots=N") }
        if halves[0] == "slots" { slots = count }
      }
      hosts.append(Host(name: String(name), slots: slots))
    }
    guard !hosts.isEmpty else { throw .usage("\(path) names no host") }
    self.hosts = hosts
  }

  /// Reads a file.
  /// - Throws: `LaunchError`.
  public init(_ path: String) throws(LaunchError) {
    let bytes: [UInt8]
    do { bytes = try FileReader.read(BytePath(path), limit: 1 << 20) } catch { throw .usage("\(error)") }
    try self.init(parsing: String(decoding: bytes, as: UTF8.self), of: path)
  }
}
