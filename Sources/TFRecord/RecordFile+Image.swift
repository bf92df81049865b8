// Images and what is said of them, read out of records without more of the file than is needed.

extension RecordFile {
  /// What a record says of its image.
  public struct ImageFacts: Sendable, Equatable {
    /// The label as the file counts it; nil where there is none.
    public let label: Int64?
    /// The class's name, for people where there is one; empty where there is none.
    public let className: [UInt8]
    /// The name of the image's file; empty where there is none.
    public let filename: [UInt8]
    /// Where the encoded image lies in the file; nil where there is none.
    public let image: Range<Int>?
  }

  /// Names in records that are longer than this are cut.
  private static let maximumNameCount = 256

  /// The encoded image of the record in `range`, and its label as the file counts it.
  ///
  /// - Throws: `RecordError`, also where the payload is no Example with an image or the image has more than `limit` bytes.
  public func image(in range: Range<Int>, verify: Bool, limit: Int) throws(RecordError) -> (
    bytes: [UInt8], label: Int64?
  ) {
    // What is not the image is small, so that no memory is taken for a record that will be refused.
    guard range.count - (1 << 20) <= limit else {
      throw failure(range.lowerBound, .tooLong(length: UInt64(range.count), maximum: limit))
    }
    var label: Int64?
    let bytes = try withPayload(in: range, verify: verify) { payload, _ throws(RecordError) in
      let example: ImageExample
      do throws(ExampleError) {
        example = try ImageExample(payload)
      } catch {
        throw failure(range.lowerBound, .unusable(error.description))
      }
      guard let image = example.image else {
        throw failure(range.lowerBound, .unusable("it has no '\(ImageExample.imageName)'"))
      }
      guard image.count <= limit else {
        throw failure(range.lowerBound, .tooLong(length: UInt64(image.count), maximum: limit))
      }
      label = example.label
      return (image.lowerBound, image.count)
    }
    return (bytes, label)
  }

  /// What the record in `range` says of its image. Only the parts of the payload are read that are looked at, so that the
  /// payload's checksum is not checked.
  public func facts(in range: Range<Int>, withNames: Bool = true) throws(RecordError) -> ImageFacts {
    let offset = range.lowerBound
    let length = try length(at: offset)
    guard length + RecordFrame.overhead == range.count, range.upperBound <= size else {
      throw failure(offset, .indexMismatch(size: range.count, length: UInt64(length)))
    }
    var reader = WireReader(FileBytes(file: self, record: offset, count: length))
    do {
      let example = try ImageExample(&reader)
      var names: [[UInt8]] = [[], []]
      if withNames {
        for (place, name) in [example.text ?? example.synset, example.filename].enumerated() {
          for position in (name ?? 0..<0).prefix(Self.maximumNameCount) {
            names[place].append(try reader.bytes.byte(at: position))
          }
        }
      }
      let payload = offset + RecordFrame.headerCount
      return ImageFacts(
        label: example.label, className: names[0], filename: names[1],
        image: example.image.map { $0.lowerBound + payload..<$0.upperBound + payload })
    } catch let error as RecordError {
      throw error
    } catch {
      throw failure(offset, .unusable("\(error)"))
    }
  }

  /// The bytes of a part of the file that belongs to the record at `record`.
  public func bytes(in range: Range<Int>, ofRecord record: Int) throws(RecordError) -> [UInt8] {
    guard range.lowerBound >= 0, range.upperBound <= size else { throw failure(record, .truncated) }
    return try wholeBytes(at: range.lowerBound, count: range.count, ofRecord: record)
  }
}

/// The payload of a record, of which pieces are read where they are looked at.
private struct FileBytes: WireBytes {
  /// Enough for all features of an image but the image itself.
  private static let windowCount = 1024

  let file: RecordFile
  let record: Int
  let count: Int
  private var window: [UInt8] = []
  private var windowStart = 0

  init(file: RecordFile, record: Int, count: Int) {
    self.file = file
    self.record = record
    self.count = count
  }

  mutating func byte(at position: Int) throws -> UInt8 {
    if position < windowStart || position >= windowStart + window.count {
      windowStart = position
      let start = record + RecordFrame.headerCount + position
      window = try file.bytes(in: start..<start + min(Self.windowCount, count - position), ofRecord: record)
    }
    return window[position - windowStart]
  }
}
