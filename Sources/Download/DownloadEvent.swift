/// What a download tells while it runs.
public enum DownloadEvent: Equatable, Sendable {
  /// Bytes begin to come; `present` of them were there before. `total` is nil where the server does not tell.
  case receiving(present: Int, total: Int?)
  /// So many bytes are there now.
  case received(Int)
  /// A line for people.
  case note(String)
}
