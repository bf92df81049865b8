// Why a set of shards cannot be read or written, and what to do about it.

/// A set of shards that cannot be read or written.
public enum ShardError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There are no shards in the folder.
  case noShards(String)
  /// The set has validation shards only.
  case noTrainingShards(String)
  /// The names say that there are more shards.
  case missing(String, numFound: Int, total: Int, example: String)
  /// Shards of sets of different sizes lie in one folder.
  case mixed(String, totals: [Int])
  /// No shard holds a record.
  case empty(String)
  /// A class of the set that the model does not know.
  case unknownClasses([String], known: [String], root: String)
  /// More classes than the model has.
  case tooManyClasses(Int, known: Int, root: String)
  /// A manifest that cannot be used.
  case badManifest(String, reason: String)
  /// The text is no number of shards.
  case badCount(String)
  /// Something else stands where the shards should be written.
  case outputNotEmpty(String)
  /// An unfinished set of other images or options stands there.
  case otherPlan(String)
  /// Another process writes there.
  case inUse(String)
  /// The output would lie within the input, or hold it.
  case outputOverlapsInput(output: String, input: String)
  /// A bad image, where one ends the work.
  case badImage(BadSample)
  /// More bad images than the work may go on without.
  case tooManyBadImages(numBad: Int, numImages: Int, maxBadFraction: Double, example: BadSample)
  /// Nothing that could be used was left for a shard.
  case emptyShard(String)
  /// A split was asked for where there is one.
  case isSplitAlready(String)
  /// One class alone, which tells a model nothing.
  case oneClass(String, root: String)
  /// A class to be selected that is not there.
  case noSuchClass(String, known: [String])
  /// More classes to be selected than there are.
  case notSoManyClasses(Int, numClasses: Int)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .noShards(let path):
      "'\(path)' holds no shards (train-00000-of-00008 and so on, also in train/ and validation/); check the path"
    case .noTrainingShards(let path):
      "'\(path)' holds validation shards but none to train on; add train/train-00000-of-..., or check the path"
    case .missing(let path, let numFound, let total, let example):
      "'\(path)' holds \(numFound) of \(total) shards, '\(example)' is missing; copy it there"
    case .mixed(let path, let totals):
      "'\(path)' holds shards of several sets (of \(totals.map(String.init).joined(separator: ", of "))); keep one of them"
    case .empty(let path): "no shard of '\(path)' holds a record; write them again"
    case .unknownClasses(let names, let known, let root):
      "'\(root)' holds \(names.count) class(es) that the model does not know: \(Self.listed(names)); it knows "
        + "\(known.count): \(Self.listed(known))"
    case .tooManyClasses(let count, let known, let root):
      "'\(root)' holds \(count) classes without names, the model knows \(known); evaluate a set of the same classes"
    case .badManifest(let path, let reason): "'\(path)' cannot be used: \(reason); remove it or write the set again"
    case .badCount(let text):
      "'\(text)' is not a number of shards; write auto, or a number for training and one for validation, such as 128,16 "
        + "(a third one is for test)"
    case .outputNotEmpty(let path):
      "'\(path)' is not empty, and shards never mix with other files; choose a new folder or remove it"
    case .otherPlan(let path):
      "'\(path)' holds shards of other images or options; continue with the same ones, remove it, or choose a new folder"
    case .inUse(let path): "another process writes into '\(path)'; wait for it, or choose another folder"
    case .outputOverlapsInput(let output, let input):
      "'\(output)' and '\(input)' lie one within the other; choose an output folder outside"
    case .badImage(let sample): "bad image \(sample); repair or remove it, or leave it out by --on-error skip"
    case .tooManyBadImages(let numBad, let numImages, let fraction, let example):
      "\(numBad) of \(numImages) images are bad, above a share of \(fraction), for example \(example); repair or remove "
        + "them, or raise --maximum-bad-fraction"
    case .emptyShard(let name):
      "no image of shard '\(name)' can be used; repair or remove them, or ask for fewer shards"
    case .isSplitAlready(let path): "'\(path)' has a validation split already; leave out --split"
    case .oneClass(let name, let root):
      "'\(root)' holds one class, '\(name)', and a classifier needs two or more; pack a set of several classes"
    case .noSuchClass(let name, let known): "there is no class '\(name)'; there are \(Self.listed(known))"
    case .notSoManyClasses(let count, let numClasses): "there are \(numClasses) classes, not \(count); ask for fewer"
    }
  }

  private static func listed(_ names: [String]) -> String {
    names.prefix(5).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 5 ? ", ..." : "")
  }
}
