import Foundation

/// How patient a download is.
public struct DownloadOptions: Sendable {
  /// How many requests in a row may fail without a byte of progress.
  public var numAttempts = 6
  /// Seconds before the second request; they double with each, up to `maximumDelay`.
  public var firstDelay = 1.0
  /// The longest pause between two requests in seconds, also where the server asks for more.
  public var maximumDelay = 60.0
  /// Seconds in which at least `minimumProgress` bytes must come.
  public var patience = 30.0
  /// A server that sends less within `patience` counts as broken off.
  public var minimumProgress = 1024
  /// Seconds until a connection must stand.
  public var connectTimeout = 15.0
  /// How many redirects are followed.
  public var numRedirects = 5
  /// Where proxies are looked up.
  public var environment = ProcessInfo.processInfo.environment
  /// What the server is told about who asks.
  public var userAgent = "vitrail"

  /// The defaults.
  public init() {}
}
