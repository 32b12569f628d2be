import Foundation
import HTTP

/// One OpenAI-compatible server: single exchanges, without any retry.
public struct ChatServer: Sendable {
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
    /// The most tokens of question and answer together, where the server says so.
    public let contextTokens: Int?
  }

  /// The models of `/v1/models`.
  ///
  /// - Throws: `DescriptionError.serverUnreachable`, also for a server that is still
  ///   loading, `.unauthorized`, `.notAChatServer`.
  public func models() async throws -> [ServedModel] {
    let response = try await get("models")
    switch response.head.status {
    case 200: break
    case 401, 403:
      throw DescriptionError.unauthorized(
        endpoint: endpoint.base, status: response.head.status)
    case let status where RetryPolicy.isRetryable(status: status):
      throw DescriptionError.serverUnreachable(
        endpoint: endpoint.base,
        reason: "HTTP \(status): \(ChatAnswer.errorText(in: response.body))")
    case let status:
      throw DescriptionError.notAChatServer(
        endpoint: endpoint.base, found: "HTTP \(status) at /models")
    }
    guard let list = try? JSONDecoder().decode(ModelList.self, from: response.body) else {
      throw DescriptionError.notAChatServer(
        endpoint: endpoint.base, found: "no list of models at /models")
    }
    return list.data.map { ServedModel(id: $0.id, contextTokens: $0.contextTokens) }
  }

  /// Asks once.
  ///
  /// - Throws: `NetworkFailure`, `CancellationError`.
  func complete(_ body: Data) async throws -> HTTPResponse {
    try await client.send(
      HTTPRequest(
        method: .post, url: endpoint.url("chat/completions"),
        headers: headers + [("Content-Type", "application/json")], body: body,
        timeouts: timeouts))
  }

  private func get(_ path: String) async throws -> HTTPResponse {
    var limits = timeouts
    // A question about the server itself is answered at once or not at all.
    limits.firstByteSeconds = min(limits.firstByteSeconds, 15)
    do {
      return try await client.send(
        HTTPRequest(url: endpoint.url(path), headers: headers, timeouts: limits))
    } catch let failure as NetworkFailure {
      throw DescriptionError.serverUnreachable(endpoint: endpoint.base, reason: failure.reason)
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
