// The proxies that the environment names, as curl reads them: http_proxy, https_proxy, all_proxy and no_proxy.

import AsyncHTTPClient
import Foundation

/// Which proxy an address is reached through.
struct ProxySettings {
  private let environment: [String: String]

  /// The settings of an environment.
  init(_ environment: [String: String]) { self.environment = environment }

  /// The proxy for a host; nil where it is reached directly. Throws `DownloadError.badURL` for a proxy that is none.
  func proxy(scheme: String, host: String, port: Int?) throws -> HTTPClient.Configuration.Proxy? {
    // Upper-case HTTP_PROXY can be set by whoever calls a CGI script, hence it is not read.
    let names = scheme == "https" ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]
    let text = (names + ["all_proxy", "ALL_PROXY"]).lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    guard let text, !isExempt(host: host, port: port) else { return nil }
    let address = text.contains("://") ? text : "http://\(text)"
    guard let url = URL(string: address), let proxyHost = url.host, !proxyHost.isEmpty else {
      throw DownloadError.badURL(
        Self.withoutPassword(text), reason: "the environment names it as proxy, and it is no address")
    }
    switch url.scheme {
    case "http":
      let authorization = url.user.map {
        HTTPClient.Authorization.basic(
          username: $0.removingPercentEncoding ?? $0, password: url.password?.removingPercentEncoding ?? "")
      }
      return .server(host: proxyHost, port: url.port ?? 80, authorization: authorization)
    case "socks5", "socks5h":
      return .socksServer(host: proxyHost, port: url.port ?? 1080)
    default:
      throw DownloadError.badURL(
        Self.withoutPassword(text), reason: "the environment names it as proxy, and a proxy is http:// or socks5://")
    }
  }

  /// Whether no_proxy lists the host: `*`, the host itself, a domain that it lies in, each with an optional port.
  private func isExempt(host: String, port: Int?) -> Bool {
    let list = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
    let host = host.lowercased()
    return list.lowercased().split(whereSeparator: { $0 == "," || $0 == " " }).contains { entry in
      if entry == "*" { return true }
      var name = entry.drop { $0 == "." }
      if let colon = name.lastIndex(of: ":"), let wanted = Int(name[name.index(after: colon)...]) {
        guard wanted == port else { return false }
        name = name[..<colon]
      }
      return !name.isEmpty && (host == name || host.hasSuffix(".\(name)"))
    }
  }

  private static func withoutPassword(_ text: String) -> String {
    text.lastIndex(of: "@").map { String(text[text.index(after: $0)...]) } ?? text
  }
}
