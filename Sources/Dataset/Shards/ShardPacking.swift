// A folder of images as shards: DIR/train/CLASS, DIR/validation/CLASS and DIR/test/CLASS, or DIR/CLASS, which is for
// training, or split.
//
// Training images are written in an order drawn from the seed, all others class by class in order of their names.

import Augment
import KeyedRandom
import TFRecord

/// Packs folders of images into shards.
public enum ShardPacking {
  /// Packs `folder` into `out`, or goes on where an earlier start was interrupted. `progress` hears how many of how many
  /// images are done, one thread at a time. Throws `ImageFolderError`, `SplitError`, `ShardError` or `FileError`.
  @discardableResult
  public static func pack(
    _ folder: BytePath, to out: BytePath, options: ShardOptions = ShardOptions(),
    progress: (@Sendable (_ numDone: Int, _ numImages: Int) -> Void)? = nil
  ) throws -> ShardResult {
    precondition(
      (1...100).contains(options.quality) && options.numThreads >= 1, "quality 1 to 100, one thread at least")
    var notes: [String] = []
    let (parts, names) = try parts(of: folder, options, &notes)
    var (inputHash, times) = (StableHash(), StableHash())
    var planned: [ShardPlan.Part] = []
    for (part, name) in zip(parts, names) {
      var sizes: [Int] = []
      sizes.reserveCapacity(part.order.count)
      for sample in part.order {
        // What is not there or cannot be looked at is found to be a bad image when it is read.
        let found = FileTree.sizeAndTime(part.folder.path(at: sample)) ?? (0, 0)
        inputHash.combine(part.folder.samples[sample].relativePath.bytes + [0])
        inputHash.combine(UInt64(found.size))
        times.combine(UInt64(bitPattern: Int64(found.time)))
        sizes.append(found.size)
      }
      planned.append(
        ShardPlan.Part(name: name, sizes: sizes, numShards: numShards(name, sizes, options.shards, &notes)))
    }
    let order = ShardOrder(
      plan: ShardPlan(planned),
      input: ImagePacker(
        parts: parts, orientation: options.orientation, quality: options.quality, isMinimal: options.isMinimal,
        fileByteLimit: FileReader.defaultLimit, budget: MemoryBudget(limit: SystemMemory.decodingShare)),
      source: folder, classes: parts[0].folder.classes,
      manifestOptions: .init(
        command: "pack", seed: options.seed,
        settings: [
          "shards": "\(options.shards)", "exif": options.orientation.rawValue, "quality": "\(options.quality)",
          "minimal": "\(options.isMinimal)", "split": options.split.map { "\($0)" } ?? "none",
        ]),
      options: options, notes: notes, inputHash: inputHash, times: times)
    return try order.write(to: out, progress: progress)
  }

  private static func parts(
    of path: BytePath, _ options: ShardOptions, _ notes: inout [String]
  ) throws -> (parts: [ImagePacker.Part], names: [String]) {
    let layout = try ImageFolderLayout.find(path)
    if layout.validation != nil, options.split != nil { throw ShardError.isSplitAlready(path.description) }
    let folder = try ImageFolder(root: layout.requireTrain())
    notes += layout.notes + folder.notes.lines(side: "training")
    if folder.classes.count == 1 {
      notes.append("there is one class alone, '\(folder.classes[0])': training refuses it")
    }
    var folders: [(SplitName, ImageFolder)] = [(.train, folder)]
    if layout.validation == nil, let ratio = options.split {
      let split = try folder.split(ratio: ratio, seed: options.seed)
      folders = [(.train, split.train), (.validation, split.validation)]
    } else if layout.validation == nil {
      notes.append(
        "no validation split: all images are for training (--split 4:1 keeps a fifth of them for validation)")
    }
    for split in layout.splits where split != .train {
      let found = try ImageFolder(root: layout[split] ?? path, classes: folder.classes)
      notes += found.notes.lines(side: split.rawValue)
      folders.append((split, found))
    }
    var random = KeyedRandom(seed: options.seed)
    return (
      folders.map { split, folder in
        let count = folder.samples.count
        return ImagePacker.Part(folder: folder, order: split == .train ? random.shuffled(count) : Array(0..<count))
      }, folders.map(\.0.rawValue)
    )
  }

  /// The number of shards of a part, with a note where it is not the one asked for.
  static func numShards(_ part: String, _ sizes: [Int], _ wanted: ShardCount, _ notes: inout [String]) -> Int {
    let split = SplitName(rawValue: part) ?? .train
    let count = wanted.count(of: split, numRecords: sizes.count, numBytes: sizes.reduce(0, +))
    if let asked = wanted.fixed(for: split), count < asked {
      notes.append("\(sizes.count) \(part) images make \(count) shards, not more: no shard stays empty")
    }
    return count
  }
}

extension ImageFolder.Notes {
  /// What the user should know of one side of a set, one line each.
  public func lines(side: String) -> [String] {
    var lines: [String] = []
    if numLooseFiles > 0 { lines.append("\(numLooseFiles) \(side) files are in no class folder and are ignored") }
    if let hint = ImageFolder.conversionHint(otherImages) { lines.append("\(side) images are left out: \(hint)") }
    let skipped = skippedExtensions.sorted { $0.key < $1.key }
    if !skipped.isEmpty {
      let list = skipped.map { "\($0.value) \($0.key.isEmpty ? "without ending" : ".\($0.key)")" }
      lines.append("\(side) files of other types are ignored: \(list.joined(separator: ", "))")
    }
    if !classesWithoutImages.isEmpty {
      lines.append("classes without a \(side) image: \(classesWithoutImages.prefix(8).joined(separator: ", "))")
    }
    return lines
  }
}

// From image files to Examples with the names of TensorFlow's ImageNet scripts.
//
// A JPEG in grey or RGB is copied byte for byte. PNG, WebP and CMYK become RGB JPEGs, since readers of ImageNet's form
// expect nothing else; so do photos that EXIF turns, unless it is to be kept.

/// The images of folders as records.
struct ImagePacker: ShardInput {
  /// One part: the folder, and its samples in the order of the records.
  struct Part: Sendable {
    let folder: ImageFolder
    let order: [Int]
  }

  let parts: [Part]
  let orientation: ShardOptions.Orientation
  let quality: Int
  let isMinimal: Bool
  let fileByteLimit: Int
  let budget: MemoryBudget

  func name(_ record: Int, ofPart part: Int) -> String {
    parts[part].folder.name(at: parts[part].order[record])
  }

  func append(_ record: Int, ofPart part: Int, to payload: inout [UInt8]) throws -> WrittenRecord {
    let folder = parts[part].folder
    let sample = parts[part].order[record]
    let file = try folder.read(at: sample, limit: fileByteLimit)
    let header = try ImageDecoder().readHeader(of: file)
    let label = folder.label(at: sample) + 1
    guard needsEncoding(header, file) else {
      let features = features(of: folder, sample, label: label, width: header.width, height: header.height)
      file.withUnsafeBytes { ImageExample.append(image: $0, features: features, to: &payload) }
      return WrittenRecord(label: label, isReencoded: false)
    }
    // What the encoder needs while it works is below what the decoder did.
    let (encoded, image) = try budget.withPixels(file.count + header.decodingBytes) {
      let image = try ImageDecoder().decode(file)
      return (try JPEGEncoder(quality: quality, subsamplesChroma: false).encode(image), image.bounds)
    }
    let features = features(of: folder, sample, label: label, width: image.width, height: image.height)
    encoded.withUnsafeBytes { ImageExample.append(image: $0, features: features, to: &payload) }
    return WrittenRecord(label: label, isReencoded: true)
  }

  private func needsEncoding(_ header: ImageHeader, _ file: [UInt8]) -> Bool {
    if header.format != .jpeg { return true }
    if orientation == .apply, header.orientation != .up { return true }
    return file.withUnsafeBytes { JPEGComponents.count(in: $0) } == 4
  }

  private func features(
    of folder: ImageFolder, _ sample: Int, label: Int, width: Int, height: Int
  ) -> [String: Example.Feature] {
    if isMinimal { return [ImageExample.labelName: .integer(label)] }
    let name = folder.classes[label - 1]
    return [
      ImageExample.labelName: .integer(label), ImageExample.textName: .text(name), ImageExample.synsetName: .text(name),
      ImageExample.filenameName: .bytes([folder.samples[sample].relativePath.lastComponent.bytes]),
      "image/height": .integer(height), "image/width": .integer(width), "image/channels": .integer(3),
      "image/colorspace": .text("RGB"), "image/format": .text("JPEG"),
    ]
  }
}

extension ImageDecoder {
  /// The header of a file in memory.
  fileprivate func readHeader(of bytes: [UInt8]) throws -> ImageHeader {
    try bytes.withUnsafeBytes { try header(of: $0) }
  }
}
