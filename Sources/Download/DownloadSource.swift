// Where an archive comes from: the network, or a file that is there already.

public import Dataset
public import Foundation

/// The place of an archive.
public enum DownloadSource: Equatable, Sendable {
  /// An address of the web.
  case web(URL)
  /// A file of this machine, which is read where it lies and never removed.
  case file(BytePath)

  /// Reads `http://`, `https://` and `file://` addresses; a text without `://` is a path. Throws `DownloadError.badURL`.
  public init(parsing text: String) throws {
    guard text.contains("://") else {
      guard !text.isEmpty else { throw DownloadError.badURL(text, reason: "it is empty") }
      self = .file(BytePath(text))
      return
    }
    // A password in an address ends up in the notes beside the file, in logs and in the list of processes.
    guard let url = URL(string: text) else { throw DownloadError.badURL(text, reason: "it is no address") }
    guard url.user == nil, url.password == nil else {
      throw DownloadError.badURL(
        "\(url.scheme ?? "")://\(url.host ?? "")", reason: "an address with a user name or a password is refused")
    }
    switch url.scheme?.lowercased() {
    case "http", "https":
      guard url.host?.isEmpty == false else { throw DownloadError.badURL(text, reason: "it names no server") }
      self = .web(url)
    case "file":
      guard ["", "localhost"].contains(url.host ?? ""), !url.path.isEmpty else {
        throw DownloadError.badURL(text, reason: "a file on another machine")
      }
      self = .file(BytePath(url.path))
    default: throw DownloadError.badURL(text, reason: "only http, https and file addresses are taken")
    }
  }

  /// The address or the path.
  public var name: String {
    switch self {
    case .web(let url): url.absoluteString
    case .file(let path): path.description
    }
  }
}
