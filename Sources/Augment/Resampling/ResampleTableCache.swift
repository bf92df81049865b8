import Synchronization

/// The tables of the last few kinds of resize: whole data sets have few sizes of image.
final class ResampleTableCache: Sendable {
  static let shared = ResampleTableCache()

  private static let capacity = 64
  private let tables = Mutex<[ResampleTable.Key: ResampleTable]>([:])

  /// The table for a key, computed outside of the lock where it is missing.
  func table(_ key: ResampleTable.Key) -> ResampleTable {
    if let table = tables.withLock({ $0[key] }) { return table }
    let table = ResampleTable(key)
    tables.withLock { tables in
      if tables.count >= Self.capacity { tables.removeAll(keepingCapacity: true) }
      tables[key] = table
    }
    return table
  }
}
