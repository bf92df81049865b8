/// What came of writing shards.
public struct ShardResult: Sendable {
  /// What is in the set.
  public let manifest: ShardManifest
  /// Shards that an earlier, interrupted start had finished.
  public let numKept: Int
  /// What the user should know, one line each.
  public let notes: [String]
}
