import Foundation

/// The base URL of an OpenAI-compatible server, such as `http://127.0.0.1:8000/v1`.
public struct ServerEndpoint: Sendable, Hashable, CustomStringConvertible {
  /// The base URL without a slash at its end; it never holds a password.
  public let base: String

  /// The endpoint where none is named: vLLM's own default.
  public static let defaultBase = "http://127.0.0.1:8000/v1"

  /// Reads a base URL. A bare host gets `/v1`; a full `/chat/completions` or
  /// `/embeddings` address is cut to its base.
  ///
  /// - Throws: `HTTPError.badEndpoint`.
  public init(_ text: String) throws {
    func refuse(_ reason: String, showing shown: String) -> HTTPError {
      .badEndpoint(endpoint: shown, reason: reason)
    }
    guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased() else {
      throw refuse("not a URL", showing: text)
    }
    guard parts.user == nil, parts.password == nil else {
      // The text is not shown: it holds a secret.
      throw refuse("a user or password in it; set KESS_API_KEY", showing: parts.host ?? "endpoint")
    }
    guard scheme == "http" || scheme == "https" else {
      throw refuse("'\(scheme):' is not http: or https:", showing: text)
    }
    guard let host = parts.host, !host.isEmpty else { throw refuse("no host", showing: text) }
    guard parts.query == nil, parts.fragment == nil else {
      throw refuse("a query or fragment in it", showing: text)
    }
    var path = parts.percentEncodedPath
    while path.hasSuffix("/") { path.removeLast() }
    for call in ["/chat/completions", "/embeddings"] where path.hasSuffix(call) {
      path.removeLast(call.count)
    }
    let port = parts.port.map { ":\($0)" } ?? ""
    base = "\(scheme)://\(parts.percentEncodedHost ?? host)\(port)\(path.isEmpty ? "/v1" : path)"
  }

  /// The address of a path under the base, such as `models`.
  public func url(_ path: String) -> String { "\(base)/\(path)" }

  /// The address of a path beside the interface, such as `tokenize`: a server's own
  /// additions lie at its root, not under `/v1`.
  public func urlBeside(_ path: String) -> String {
    (base.hasSuffix("/v1") ? String(base.dropLast(3)) : base) + "/\(path)"
  }

  public var description: String { base }
}
