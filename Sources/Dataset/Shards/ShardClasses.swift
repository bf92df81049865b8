// Which classes the labels of a set stand for.

/// The classes of a set of shards, and the way from a file's label to a class.
struct ShardClasses: Sendable {
  /// The classes by index, and the index of each label as the file has it, -1 for none.
  struct Table: Sendable {
    let classes: [String]
    private let firstLabel: Int
    /// The places of the set's classes in `classes`; nil where they are the same.
    private let places: [Int]?

    init(classes: [String], firstLabel: Int, places: [Int]? = nil) {
      self.classes = classes
      self.firstLabel = firstLabel
      self.places = places
    }

    /// The class of a file's label; nil where it is none.
    func index(ofLabel label: Int32) -> Int? {
      let own = Int(label) - firstLabel
      guard label >= 0, own >= 0, own < places?.count ?? classes.count else { return nil }
      return places?[own] ?? own
    }
  }

  /// The names by index.
  let names: [String]
  /// Whether the names say more than a number.
  let areNamed: Bool
  /// The label of the first class.
  let firstLabel: Int
  /// What the user should know.
  let notes: [String]

  /// The classes of these shards. A manifest that all of them agree with decides; without one, labels and names are those
  /// of the records, and `names` those of a manifest that some agree with.
  init(_ shards: [OpenedShard], manifest: ShardManifest?, names: [String]?) {
    var highest: Int32 = 0
    var hasZero = false
    for shard in shards {
      for label in shard.labels.labels where label >= 0 {
        highest = max(highest, label)
        if label == 0 { hasZero = true }
      }
    }
    let firstLabel = manifest?.firstLabel ?? (hasZero ? 0 : 1)
    let count = max(0, Int(highest) - firstLabel + 1)
    self.firstLabel = firstLabel
    var notes: [String] = []
    if hasZero, manifest == nil {
      notes.append("the labels of the shards count from 0, not from 1 as ImageNet's: 0 is taken as the first class")
    }
    if let names, names.count >= count {
      self.names = names
      areNamed = true
    } else {
      var met: [Int32: String] = [:]
      for shard in shards { met.merge(shard.labels.names) { first, second in first.isEmpty ? second : first } }
      let numbers = (0..<count).map { String($0 + firstLabel) }
      let texts = (0..<count).map { met[Int32($0 + firstLabel)].flatMap { $0.isEmpty ? nil : $0 } ?? numbers[$0] }
      areNamed = Set(texts).count == count && texts != numbers
      self.names = areNamed ? texts : numbers
    }
    self.notes = notes
  }

  /// The table of labels, with the places of a model's classes where they are given. Throws a `ShardError` for classes
  /// that the model does not know.
  func matched(to known: [String]?, root: BytePath) throws -> Table {
    guard let known, known != names else { return Table(classes: names, firstLabel: firstLabel) }
    guard areNamed else {
      guard names.count <= known.count else {
        throw ShardError.tooManyClasses(names.count, known: known.count, root: root.description)
      }
      return Table(classes: known, firstLabel: firstLabel, places: Array(names.indices))
    }
    let places = Dictionary(known.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let unknown = names.filter { places[$0] == nil }
    if !unknown.isEmpty { throw ShardError.unknownClasses(unknown, known: known, root: root.description) }
    return Table(classes: known, firstLabel: firstLabel, places: names.map { places[$0]! })
  }
}
