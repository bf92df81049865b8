// What can go wrong with one request, and whether it is worth another.

import AsyncHTTPClient
import Files
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// A request that failed in a way that may pass.
struct TransferFault: Error, Equatable {
  /// Why, for people.
  var reason: String
  /// The seconds that the server asks to wait.
  var retryAfter: Double?

  /// The error of the client library in this module's own terms: a `TransferFault` for what may pass, a
  /// `DownloadError` or `FileError` for what will not.
  static func translating(_ error: any Error, url: String) -> any Error {
    switch error {
    case is TransferFault, is DownloadError, is FileError, is Redirection, is CancellationError: error
    case let error as HTTPClientError:
      switch error {
      case .remoteConnectionClosed, .uncleanShutdown: TransferFault(reason: "the connection broke off")
      case .connectTimeout, .tlsHandshakeTimeout, .httpProxyHandshakeTimeout, .socksHandshakeTimeout, .readTimeout,
        .writeTimeout, .getConnectionFromPoolTimeout, .deadlineExceeded:
        TransferFault(reason: "the server does not answer in time")
      case .proxyAuthenticationRequired: DownloadError.refused(url: url, reason: "the proxy wants a password")
      case .invalidProxyResponse: DownloadError.refused(url: url, reason: "the proxy refuses to connect")
      case .cancelled: TransferFault(reason: "the request was cancelled")
      default: DownloadError.refused(url: url, reason: error.shortDescription)
      }
    case let error as NIOConnectionError: TransferFault(reason: connecting(error))
    case let error as IOError: TransferFault(reason: "\(String(cString: strerror(error.errnoCode)))")
    case HTTPParserError.invalidEOFState: TransferFault(reason: "the connection broke off")
    case is HTTPParserError: DownloadError.refused(url: url, reason: "the server answers something that is not HTTP")
    case is ChannelError: TransferFault(reason: "the connection broke off")
    case is NIOSSLError, is BoringSSLError:
      DownloadError.refused(url: url, reason: insecure(error))
    default: TransferFault(reason: "the connection failed")
    }
  }

  private static func insecure(_ error: any Error) -> String {
    "\(error)".contains("CERTIFICATE_VERIFY_FAILED")
      ? "its certificate is not trusted here; are the certificate authorities of the system installed (ca-certificates)?"
      : "no secure connection (TLS) comes about"
  }

  private static func connecting(_ error: NIOConnectionError) -> String {
    if let first = error.connectionErrors.first?.error as? IOError {
      return "cannot connect to \(error.host), port \(error.port): \(String(cString: strerror(first.errnoCode)))"
    }
    if error.dnsAError != nil || error.dnsAAAAError != nil { return "the name \(error.host) is not known" }
    return "cannot connect to \(error.host), port \(error.port)"
  }
}

/// An answer that leads to another address.
struct Redirection: Error, Equatable {
  var target: URL
}
