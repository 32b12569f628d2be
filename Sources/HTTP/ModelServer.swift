import Foundation

/// The base URL of an OpenAI-compatible server, such as `http://127.0.0.1:8000/v1`.
public struct ServerEndpoint: Sendable, Hashable, CustomStringConvertible {
  /// The base URL without a trailing slash; it never contains a password.
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
      // The text is not shown, because it contains a secret.
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
  /// additions are at its root, not under `/v1`.
  public func urlBeside(_ path: String) -> String {
    (base.hasSuffix("/v1") ? String(base.dropLast(3)) : base) + "/\(path)"
  }

  public var description: String { base }
}

/// One OpenAI-compatible server: its models, and single exchanges without retries. No
/// answer contains the key.
public struct ModelServer: Sendable {
  public let endpoint: ServerEndpoint
  private let client: HTTPClient
  private let key: APIKey?
  private let timeouts: HTTPTimeouts

  public init(
    endpoint: ServerEndpoint, client: HTTPClient, key: APIKey?,
    timeouts: HTTPTimeouts = HTTPTimeouts()
  ) {
    self.endpoint = endpoint
    self.client = client
    self.key = key
    self.timeouts = timeouts
  }

  /// A model that a server lists.
  public struct ServedModel: Sendable, Equatable {
    public let id: String
    /// The most tokens of one question, its answer included, where the server reports it.
    public let contextTokens: Int?
  }

  /// The models of `/v1/models`.
  ///
  /// - Throws: `ServerFailure.unreachable`, `.loading`, `.unauthorized`, `.noModelList`.
  public func models() async throws -> [ServedModel] {
    let response = try await get("models")
    switch response.head.status {
    case 200: break
    case 401, 403: throw ServerFailure.unauthorized(status: response.head.status)
    case let status where RetryPolicy.isRetryable(status: status):
      throw ServerFailure.loading(reason: "HTTP \(status): \(response.errorText)")
    case let status: throw ServerFailure.noModelList(found: "HTTP \(status) at /models")
    }
    guard let list = try? JSONDecoder().decode(ModelList.self, from: response.body) else {
      throw ServerFailure.noModelList(found: "no list of models at /models")
    }
    return list.data.map { ServedModel(id: $0.id, contextTokens: $0.contextTokens) }
  }

  /// The model of a name; for nil the only one that is served.
  ///
  /// - Throws: what `models` throws, `ServerFailure.unknownModel`, `.modelNotClear`.
  public func model(named name: String?) async throws -> ServedModel {
    let served = try await models()
    let names = served.map(\.id)
    if let name {
      guard let match = served.first(where: { $0.id == name }) else {
        throw ServerFailure.unknownModel(asked: name, served: names)
      }
      return match
    }
    guard let only = served.first, served.count == 1 else {
      throw ServerFailure.modelNotClear(served: names)
    }
    return only
  }

  /// Sends JSON to a path under the base, such as `embeddings`, once.
  ///
  /// - Throws: `NetworkFailure`, `CancellationError`.
  public func post(_ body: Data, to path: String) async throws -> HTTPResponse {
    withoutKey(try await client.send(posting(body, to: endpoint.url(path), timeouts)))
  }

  /// Sends JSON to a path beside the interface, such as `tokenize` of vLLM, once.
  ///
  /// - Throws: `NetworkFailure`, `CancellationError`.
  public func postBeside(_ body: Data, to path: String) async throws -> HTTPResponse {
    withoutKey(try await client.send(posting(body, to: endpoint.urlBeside(path), quickTimeouts)))
  }

  /// Sends JSON to a path under the base and passes on the pieces of the answer as they
  /// arrive. Dropping the events closes the connection.
  public func events(posting body: Data, to path: String) -> HTTPAnswerEvents {
    HTTPAnswerEvents(
      events: client.events(of: posting(body, to: endpoint.url(path), timeouts)), key: key)
  }

  private func posting(_ body: Data, to url: String, _ timeouts: HTTPTimeouts) -> HTTPRequest {
    HTTPRequest(
      method: .post, url: url, headers: headers + [("Content-Type", "application/json")],
      body: body, timeouts: timeouts)
  }

  private func get(_ path: String) async throws -> HTTPResponse {
    do {
      return withoutKey(
        try await client.send(
          HTTPRequest(url: endpoint.url(path), headers: headers, timeouts: quickTimeouts)))
    } catch let failure as NetworkFailure {
      throw ServerFailure.unreachable(reason: failure.reason)
    }
  }

  /// A question about the server itself is answered at once or not at all.
  private var quickTimeouts: HTTPTimeouts {
    var limits = timeouts
    limits.firstByteSeconds = min(limits.firstByteSeconds, 15)
    return limits
  }

  /// The answer with the request's key removed: a proxy may echo it, and answers are
  /// logged.
  private func withoutKey(_ response: HTTPResponse) -> HTTPResponse {
    guard var filter = key?.filter(forStatus: response.head.status) else { return response }
    let body = filter.feed(response.body) + filter.finish()
    return HTTPResponse(head: response.head, body: body, timings: response.timings)
  }

  private var headers: [(name: String, value: String)] {
    [("Accept", "application/json")] + (key.map { [$0.header] } ?? [])
  }

  private struct ModelList: Decodable {
    struct Model: Decodable {
      let id: String
      let contextTokens: Int?

      enum CodingKeys: String, CodingKey {
        case id
        case contextTokens = "max_model_len"
      }
    }
    let data: [Model]
  }
}
