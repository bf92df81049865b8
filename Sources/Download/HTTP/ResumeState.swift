// What has to be known of a partial file to go on with it: a JSON file beside it.

/// Where the bytes of a partial file came from.
struct ResumeState: Codable, Equatable {
  /// The address that was asked for.
  var url: String
  /// The server's name for this version of the file: a strong entity tag, else the time of its last change. Without
  /// one the rest could be that of another version.
  var validator: String?
  /// The size of the whole file, where the server told it.
  var total: Int?
}
