// From image files to Examples with the names of TensorFlow's ImageNet scripts.
//
// A JPEG in grey or RGB is copied byte for byte. PNG, WebP and CMYK become RGB JPEGs, since readers of ImageNet's form
// expect nothing else; so do photos that EXIF turns, unless it is to be kept.

import Augment
import TFRecord

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
