// Which images a trained model is scored on, and whether it was trained on them.
import Augment
public import Dataset
import Foundation
import Training

/// The images that a trained model is scored on.
public struct EvaluationData {
  /// What is taken of a folder.
  public enum Split: String, Sendable, CaseIterable {
    /// The images that the run was, or would be, evaluated on.
    case validation
    /// The images that the run was, or would be, trained on.
    case train
    /// The images of the folder's test split.
    case test
    /// All splits.
    case all
  }

  /// The images.
  public let source: any SampleSource
  /// Their folder.
  public let path: String
  /// What of that folder they are.
  public let split: Split
  /// How many of them the model was trained on; nil where that is not known.
  public let numTrainedOn: Int?
  /// What the user should know of the set, one line each.
  public let notes: [String]

  /// Whether the model was trained on the images, for people.
  public var trainedOnText: String {
    switch numTrainedOn {
    case nil: "whether the model was trained on them is not known"
    case 0: "the model was not trained on them"
    case source.count: "the model was trained on them"
    case let count?: "the model was trained on \(count) of them"
    }
  }

  /// Finds the images for a model.
  ///
  /// - Parameters:
  ///   - path: a folder with a folder for each class, with splits, or with TFRecord shards; that of the model's run if
  ///     left out. The split that a run made itself is made again in its folder, and in a copy of it.
  ///   - split: what of the folder; if left out its validation split where there is one, else its test split, else all.
  /// - Throws: `EvaluationDataError`, `ImageFolderError`, `ShardError`, `RecordError`, `FileError`.
  public init(_ path: String?, split: Split?, for trained: Pretrained.Model) throws {
    guard let folder = path ?? trained.data?.path else { throw EvaluationDataError.needsData(trained.path) }
    if path == nil, !FileManager.default.fileExists(atPath: folder) { throw EvaluationDataError.gone(folder) }
    // A bare file knows its classes by number alone; then the folder's own order names them.
    let known = trained.weights == .file ? nil : trained.description.classes
    let images = try SplitImages(BytePath(folder), classes: known)
    let isRunFolder = trained.data.map { FileIdentity(folder) == FileIdentity($0.path) } ?? false
    let own = try Self.ownSplit(of: images, trained.data)
    let wanted = split ?? images.usualSplit(hasOwnSplit: own != nil || (isRunFolder && trained.data?.ownSplit != nil))
    if let data = trained.data, data.ownSplit != nil, isRunFolder, own == nil,
      wanted == .validation || wanted == .train,
      images[.validation] == nil
    {
      throw EvaluationDataError.changed(folder, numImages: data.train.numSamples + data.validation.numSamples)
    }

    /// The images of one split, and how many of them were trained on.
    func part(_ name: SplitName) throws -> (source: any SampleSource, numTrainedOn: Int?) {
      if let own, name == .validation { return (own.validation, 0) }
      if let own, name == .train { return (own.train, own.train.count) }
      guard let source = try images.load(name) else {
        let found: [SplitName] = own != nil ? [.train, .validation] : images.hasSplits ? images.splits : []
        throw EvaluationDataError.noSplit(name.rawValue, folder, found: found.map(\.rawValue))
      }
      guard let data = trained.data else { return (source, nil) }
      if data.train.describes(source) { return (source, source.count) }
      if data.validation.describes(source) { return (source, 0) }
      // Another split of the run's folder, beside the images that it was trained on.
      if isRunFolder, name != .train {
        let isTrainAsItWas = try data.ownSplit == nil && images.load(.train).map(data.train.describes) ?? false
        if own != nil || isTrainAsItWas { return (source, 0) }
      }
      return (source, try Self.numShared(source, with: data, classes: known))
    }
    let names: [SplitName] =
      switch wanted {
      case .validation: [.validation]
      case .train: [.train]
      case .test: [.test]
      case .all: own == nil ? images.splits : [.train, .validation] + images.splits.filter { $0 == .test }
      }
    let parts = try names.map { (name: $0, part: try part($0)) }
    source = parts.count == 1 ? parts[0].part.source : JoinedSamples(parts.map { ($0.name.rawValue, $0.part.source) })
    numTrainedOn = parts.reduce(0) { sum, part in sum.flatMap { sum in part.part.numTrainedOn.map { sum + $0 } } }
    self.path = folder
    self.split = wanted
    notes = images.notes
  }

  /// The split that the model's run made of these images; nil where it made none, or of others.
  private static func ownSplit(
    of images: SplitImages, _ data: DataDescription?
  ) throws -> (train: any SampleSource, validation: any SampleSource)? {
    guard let data, let rule = data.ownSplit, images[.validation] == nil, let all = try images.load(.train),
      all.count == data.train.numSamples + data.validation.numSamples
    else { return nil }
    let (train, validation) = try all.split(ratio: rule.ratio, seed: rule.seed, rule: rule.rule)
    return data.train.describes(train) && data.validation.describes(validation) ? (train, validation) : nil
  }

  /// How many images are, as files, among those that a run was trained on; nil where nobody can tell: the run's images
  /// are gone or others, lie in shards, or some have class and name of a training image and may be copies.
  private static func numShared(
    _ source: any SampleSource, with data: DataDescription, classes: [String]?
  ) throws -> Int? {
    guard let source = source as? ImageFolder, let trained = trainingFolder(of: data, classes: classes) else {
      return nil
    }
    let files = Set(trained.samples.indices.compactMap { FileIdentity(trained.path(at: $0)) })
    let numShared = source.samples.indices.count { FileIdentity(source.path(at: $0)).map(files.contains) ?? false }
    if numShared > 0 { return numShared }
    let names = Set(trained.samples.map(\.relativePath))
    return source.samples.contains { names.contains($0.relativePath) } ? nil : 0
  }

  /// The images that a run was trained on, where they are as they were.
  private static func trainingFolder(of data: DataDescription, classes: [String]?) -> ImageFolder? {
    guard let images = try? SplitImages(BytePath(data.path), classes: classes),
      let all = try? images.load(.train) as? ImageFolder
    else { return nil }
    let train =
      if let rule = data.ownSplit {
        try? all.split(ratio: rule.ratio, seed: rule.seed, rule: rule.rule).train
      } else { all as ImageFolder? }
    return train.flatMap { data.train.describes($0) ? $0 : nil }
  }
}

/// Why there are no images to score a model on.
public enum EvaluationDataError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A bare file of weights names no images.
  case needsData(String)
  /// The folder of the run is not there any more.
  case gone(String)
  /// The folder of the run holds other images than those that it split.
  case changed(String, numImages: Int)
  /// The folder has no such split.
  case noSplit(String, String, found: [String])

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .needsData(let path): "\(path) does not say which images belong to it: name a folder by --data"
    case .gone(let path):
      "the images that the model was trained with are no longer in '\(path)': name their new folder, or other images, "
        + "by --data"
    case .changed(let path, let numImages):
      "'\(path)' no longer holds the \(numImages) images that the run split, so that its split cannot be found again; take "
        + "--split all, or name other images by --data"
    case .noSplit(let split, let path, let found):
      "'\(path)' has no \(split) split"
        + (found.isEmpty ? "; " : ", but \(found.joined(separator: " and ")); choose one of these, or ")
        + "take --split all"
    }
  }
}

/// The splits of a folder, each read when it is asked for.
private final class SplitImages {
  /// What the user should know, one line each.
  let notes: [String]
  /// The splits that there are; of a folder without any its images count as `train`.
  let splits: [SplitName]
  /// Whether these are splits indeed.
  let hasSplits: Bool
  private let shards: ShardSet?
  private let layout: ImageFolderLayout?
  private var classes: [String]?
  private var loaded: [SplitName: ImageFolder] = [:]

  init(_ path: BytePath, classes: [String]?) throws {
    self.classes = classes
    if try ShardSet.isThere(path) {
      let set = try ShardSet(path, classes: classes, numThreads: AvailableProcessors.count)
      (shards, layout, splits, notes, hasSplits) = (set, nil, set.splits, set.notes, true)
    } else {
      let found = try ImageFolderLayout.find(path)
      (shards, layout, splits, notes) = (nil, found, found.splits, found.notes)
      hasSplits = found.hasSplits
    }
  }

  /// A split's name where there is one.
  subscript(split: SplitName) -> SplitName? { splits.contains(split) ? split : nil }

  /// The images of a split; nil where there is none.
  func load(_ split: SplitName) throws -> (any SplittableSource)? {
    if let shards { return shards[split] }
    if let folder = loaded[split] { return folder }
    guard let root = layout?[split] else { return nil }
    let folder = try ImageFolder(root: root, classes: classes)
    classes = classes ?? folder.classes
    loaded[split] = folder
    return folder
  }

  /// What is scored where nothing was asked for.
  func usualSplit(hasOwnSplit: Bool) -> EvaluationData.Split {
    if hasOwnSplit || self[.validation] != nil { return .validation }
    return hasSplits && self[.test] != nil ? .test : .all
  }
}

/// What can be split again as a run did.
private protocol SplittableSource: SampleSource {
  func split(ratio: SplitRatio, seed: UInt64, rule: SplitRule) throws -> (train: Self, validation: Self)
}
extension ImageFolder: SplittableSource {}
extension ShardedDataset: SplittableSource {}

/// What the file system knows a file by, whatever links lead to it.
private struct FileIdentity: Hashable {
  let device: UInt64
  let inode: UInt64

  init?(_ path: BytePath) {
    var status = stat()
    let found = (path.bytes + [0]).withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { stat($0.baseAddress!, &status) }
    }
    guard found == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }

  init?(_ path: String) { self.init(BytePath(path)) }
}

/// Several sets of the same classes as one.
private struct JoinedSamples: SampleSource {
  private let parts: [(name: String, source: any SampleSource)]
  private let starts: [Int]

  init(_ parts: [(name: String, source: any SampleSource)]) {
    self.parts = parts
    starts = parts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.source.count) }
  }

  var classes: [String] { parts[0].source.classes }
  var count: Int { starts[parts.count] }
  var fingerprint: UInt64 { parts.reduce(0) { $0 &* 0x100_0000_01B3 ^ $1.source.fingerprint } }

  private func place(_ index: Int) -> (name: String, source: any SampleSource, index: Int) {
    let part = parts.indices.last { starts[$0] <= index && starts[$0 + 1] > index }!
    return (parts[part].name, parts[part].source, index - starts[part])
  }

  func label(at index: Int) -> Int {
    let (_, source, index) = place(index)
    return source.label(at: index)
  }
  func name(at index: Int) -> String {
    let (name, source, index) = place(index)
    return source is ShardedDataset ? source.name(at: index) : "\(name)/\(source.name(at: index))"
  }
  func claimedExtension(at index: Int) -> String {
    let (_, source, index) = place(index)
    return source.claimedExtension(at: index)
  }
  func read(at index: Int, limit: Int) throws -> [UInt8] {
    let (_, source, index) = place(index)
    return try source.read(at: index, limit: limit)
  }
  func readEnds(at index: Int, head: Int, tail: Int) throws -> (bytes: [UInt8], fileSize: Int) {
    let (_, source, index) = place(index)
    return try source.readEnds(at: index, head: head, tail: tail)
  }
}
