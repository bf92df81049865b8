// The file that says what is in a set of shards: DIR/manifest.json. It spares a reader the walk through all records, and
// names the classes; a set without one can be read too.

import Foundation

/// What a set of shards holds.
public struct ShardManifest: Codable, Sendable, Equatable {
  /// One shard.
  public struct Shard: Codable, Sendable, Equatable {
    /// The file, below the folder of the set.
    public var file: String
    /// Its index, below the folder of the set.
    public var index: String
    /// Its size in bytes.
    public var bytes: Int
    /// The CRC-32C of the whole file, in hexadecimal.
    public var crc32c: String
    /// The number of records.
    public var records: Int
    /// The label of each record as the file has it, with spaces between.
    public var labels: String
  }

  /// The training or the validation shards.
  public struct Part: Codable, Sendable, Equatable {
    /// `train` or `validation`.
    public var name: String
    /// The number of images.
    public var samples: Int
    /// The size of all shards in bytes.
    public var bytes: Int
    /// The number of images of each class, in class order.
    public var classCounts: [Int]
    /// Images that were encoded anew.
    public var reencoded: Int
    /// The shards in order.
    public var shards: [Shard]
  }

  /// What was asked for.
  public struct Options: Codable, Sendable, Equatable {
    /// `pack` or `subset`.
    public var command: String
    /// The seed of the order.
    public var seed: UInt64
    /// All other settings by name.
    public var settings: [String: String]
  }

  /// An image that was left out.
  public struct Skipped: Codable, Sendable, Equatable {
    /// `train` or `validation`.
    public var set: String
    /// Its file or record.
    public var path: String
    /// What is wrong with it.
    public var reason: String
  }

  static let formatName = "vitrail-shards"

  /// `vitrail-shards`
  public var format: String
  /// 1
  public var version: Int
  /// The names of the classes by index.
  public var classes: [String]
  /// The label of the first class.
  public var firstLabel: Int
  /// What was asked for.
  public var options: Options
  /// A hash of options, names and sizes of the input.
  public var plan: String
  /// The parts.
  public var parts: [Part]
  /// The images that were left out.
  public var skipped: [Skipped]

  /// Reads a manifest. Throws a `FileError` or `ShardError.badManifest`.
  public init(reading path: BytePath) throws {
    let bytes = try FileReader.read(path)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      self = try decoder.decode(Self.self, from: Data(bytes))
    } catch {
      throw ShardError.badManifest(path.description, reason: "it is no manifest of shards")
    }
    guard format == Self.formatName, version == 1 else {
      throw ShardError.badManifest(path.description, reason: "its format is not \(Self.formatName) 1")
    }
    guard (0...1).contains(firstLabel), Set(classes).count == classes.count else {
      throw ShardError.badManifest(path.description, reason: "its classes are not what they should be")
    }
  }

  init(classes: [String], options: Options, plan: String, parts: [Part], skipped: [Skipped]) {
    format = Self.formatName
    version = 1
    firstLabel = 1
    self.classes = classes
    self.options = options
    self.plan = plan
    self.parts = parts
    self.skipped = skipped
  }

  /// The text of the file.
  func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
  }

  /// The shards by file name.
  func shardsByName() -> [BytePath: Shard] {
    Dictionary(
      parts.flatMap(\.shards).map { (BytePath($0.file).lastComponent, $0) }, uniquingKeysWith: { first, _ in first })
  }
}

extension ShardManifest.Shard {
  /// The labels as numbers; nil where they are not as many numbers of up to a million as there are records.
  func parsedLabels() -> [Int32]? {
    var labels: [Int32] = []
    var value: Int32?
    for byte in Array(self.labels.utf8) + [UInt8(ascii: " ")] {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        value = (value ?? 0) * 10 + Int32(byte - UInt8(ascii: "0"))
        if value! > ShardLabels.maximum { return nil }
      case UInt8(ascii: " "):
        if let label = value { labels.append(label) }
        value = nil
      default: return nil
      }
    }
    return labels.count == records ? labels : nil
  }
}
