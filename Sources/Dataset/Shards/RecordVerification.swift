// When the checksums of records are checked.

import Synchronization

/// How often the checksum of a record's payload is checked. That of its length is checked at every read.
public enum RecordVerification: String, Codable, Sendable, CaseIterable {
  /// The first time that this process reads the record.
  case first
  /// At every read.
  case always
  /// Never; damage is then found by the image's decoder, or not at all.
  case never
}

/// Which records have been checked. May be used from any thread.
final class VerifiedRecords: Sendable {
  private let policy: RecordVerification
  private let bits: Mutex<[UInt64]>

  init(_ policy: RecordVerification, count: Int) {
    self.policy = policy
    bits = Mutex(policy == .first ? [UInt64](repeating: 0, count: (count + 63) / 64) : [])
  }

  /// Whether a record has to be checked now.
  func isDue(_ record: Int) -> Bool {
    switch policy {
    case .always: true
    case .never: false
    case .first: bits.withLock { $0[record / 64] >> UInt64(record % 64) & 1 == 0 }
    }
  }

  /// Takes note that a record has been checked and is sound.
  func note(_ record: Int) {
    if policy == .first { bits.withLock { $0[record / 64] |= 1 << UInt64(record % 64) } }
  }
}
