// The labels of the records of one shard as they stand in the file.

import TFRecord

/// The labels of a shard, with the names of classes that were met.
struct ShardLabels: Sendable {
  /// Labels above this are damage, not classes.
  static let maximum: Int32 = 1_000_000
  /// Stands for a record that has no label, or cannot be read.
  static let none: Int32 = -1

  /// The label of every record.
  var labels: [Int32] = []
  /// The name of the class of a label, where a record has one.
  var names: [Int32: String] = [:]
  /// Records whose frame is not where the index says.
  var numMisplaced = 0

  /// Labels that are known.
  init(_ labels: [Int32]) { self.labels = labels }

  /// Reads the labels out of the records; of each no more than the parts that are looked at. A record that cannot be read
  /// gets `none`, and fails again when its image is asked for. Throws where the file cannot be read at all.
  init(reading file: RecordFile, index: RecordIndex) throws {
    labels.reserveCapacity(index.count)
    for record in 0..<index.count {
      do throws(RecordError) {
        let facts = try file.facts(in: index[record], withNames: false)
        guard let label = facts.label, (0...Int64(Self.maximum)).contains(label) else {
          labels.append(Self.none)
          continue
        }
        labels.append(Int32(label))
        if names[Int32(label)] == nil {
          let name = try file.facts(in: index[record]).className
          names[Int32(label)] = name.isEmpty ? "" : BytePath(bytes: name).description
        }
      } catch {
        switch error.reason {
        case .system, .exhausted: throw error
        case .corruptLength, .indexMismatch, .tooLong, .truncated: numMisplaced += 1
        default: break
        }
        labels.append(Self.none)
      }
    }
  }
}
