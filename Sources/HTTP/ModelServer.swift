import Foundation

/// One OpenAI-compatible server: which models it has, and single exchanges with it,
/// without any retry.
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
    /// The most tokens of one question, its answer included, where the server says so.
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
    try await client.send(posting(body, to: path))
  }

  /// The same; the answer's pieces come as they arrive. Dropping the stream closes
  /// the connection.
  public func events(posting body: Data, to path: String)
    -> AsyncThrowingStream<HTTPEvent, any Error>
  {
    client.events(of: posting(body, to: path))
  }

  private func posting(_ body: Data, to path: String) -> HTTPRequest {
    HTTPRequest(
      method: .post, url: endpoint.url(path),
      headers: headers + [("Content-Type", "application/json")], body: body, timeouts: timeouts)
  }

  private func get(_ path: String) async throws -> HTTPResponse {
    var limits = timeouts
    // A question about the server itself is answered at once or not at all.
    limits.firstByteSeconds = min(limits.firstByteSeconds, 15)
    do {
      return try await client.send(
        HTTPRequest(url: endpoint.url(path), headers: headers, timeouts: limits))
    } catch let failure as NetworkFailure {
      throw ServerFailure.unreachable(reason: failure.reason)
    }
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
