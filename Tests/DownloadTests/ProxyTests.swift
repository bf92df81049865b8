import AsyncHTTPClient
import NIOHTTP1
import Testing

@testable import Download

struct ProxyTests {
  private func proxy(_ environment: [String: String], _ scheme: String = "https", host: String = "data.example.org")
    throws -> String?
  {
    try ProxySettings(environment).proxy(scheme: scheme, host: host, port: 443).map { "\($0.host):\($0.port)" }
  }

  @Test func theEnvironmentNamesTheProxy() throws {
    #expect(try proxy([:]) == nil)
    #expect(try proxy(["https_proxy": ""]) == nil)
    #expect(try proxy(["https_proxy": "http://p:3128"]) == "p:3128")
    #expect(try proxy(["HTTPS_PROXY": "http://p"]) == "p:80")
    #expect(try proxy(["https_proxy": "p:8080", "all_proxy": "http://q:1"]) == "p:8080")
    #expect(try proxy(["all_proxy": "socks5://q:1081"]) == "q:1081")
    #expect(try proxy(["https_proxy": "http://p:3128"], "http") == nil)
    #expect(try proxy(["http_proxy": "http://p:3128"], "http") == "p:3128")
    // Whoever calls a CGI script can set this one.
    #expect(try proxy(["HTTP_PROXY": "http://p:3128"], "http") == nil)
  }

  @Test func aPasswordIsSentAndNotShown() throws {
    let proxy = try ProxySettings(["https_proxy": "http://me:s%40crt@p:3128"])
      .proxy(scheme: "https", host: "a", port: nil)
    #expect(proxy?.authorization?.headerValue == "Basic bWU6c0BjcnQ=")
    for bad in ["ftp://me:secret@p:1", "http://me:secret@"] {
      let error = #expect(throws: DownloadError.self) {
        try ProxySettings(["https_proxy": bad]).proxy(scheme: "https", host: "a", port: nil)
      }
      #expect(!"\(try #require(error))".contains("secret"))
    }
  }

  @Test(arguments: [
    ("*", true), ("data.example.org", true), ("DATA.example.org", true), ("example.org", true), (".example.org", true),
    ("other, example.org", true), ("example.org:443", true), ("example.org:80", false), ("ample.org", false),
    ("example.com", false), ("", false), (".", false), ("a.data.example.org", false),
  ]) func exceptionsAreTaken(list: String, isExempt: Bool) throws {
    for name in ["no_proxy", "NO_PROXY"] {
      #expect(try (proxy(["https_proxy": "http://p:1", name: list]) == nil) == isExempt)
    }
  }

  @Test func theProxyIsAskedForTheWay() throws {
    let content = DownloaderTests.content
    var attempt = try DownloaderTests.Attempt { head, _ in
      head.method == .CONNECT ? Reply(status: .forbidden) : ServedFile(bytes: content).reply(to: head)
    }
    attempt.options.environment = ["http_proxy": "http://127.0.0.1:\(attempt.server.port)"]
    let error = try attempt.error("http://far.invalid/set.tgz")
    guard case .refused(_, let reason) = error else { return #expect(Bool(false), "\(error)") }
    #expect(reason.contains("proxy"))
    #expect(attempt.server.heads.map(\.uri) == ["far.invalid:80"])
    attempt.options.environment["no_proxy"] = "127.0.0.1"
    try attempt.fetch()
    #expect(attempt.isRight)
  }
}
