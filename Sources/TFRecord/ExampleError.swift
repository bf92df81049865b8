// Why bytes are no Example.

/// Bytes that are no protocol buffer of the kind `tf.train.Example`.
public struct ExampleError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, in a few words.
  public let reason: String

  init(_ reason: String) { self.reason = reason }

  /// One line: what is wrong.
  public var description: String { "no tf.train.Example: \(reason)" }
}
