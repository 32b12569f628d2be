import Foundation
import HTTP

/// Asks one server for embeddings: single requests, tried again by the same rules
/// as chat.
struct EmbeddingExchange: Sendable {
  let server: ModelServer
  let model: String
  let policy: RetryPolicy

  /// The embeddings of pictures, given as `data:` addresses that fit one request.
  ///
  /// - Throws: `ServerFailure`.
  func pictures(_ addresses: [String], in dialect: EmbeddingDialect, dimension: Int?)
    async throws -> [[Float]]
  {
    try await ask(
      dialect.body(pictures: addresses, model: model), count: addresses.count,
      dimension: dimension)
  }

  /// The embeddings of texts that fit one request.
  ///
  /// - Throws: `ServerFailure`.
  func texts(_ texts: [String], in dialect: EmbeddingDialect, dimension: Int?) async throws
    -> [[Float]]
  {
    try await ask(
      dialect.body(texts: texts, model: model), count: texts.count, dimension: dimension)
  }

  /// The same, asked in OpenAI's own words.
  ///
  /// - Throws: `ServerFailure`.
  func texts(_ texts: [String], as request: ServerTextEncoder.TextRequest, dimension: Int?)
    async throws -> [[Float]]
  {
    try await ask(request.body(texts, model: model), count: texts.count, dimension: dimension)
  }

  private func ask(_ body: Data, count: Int, dimension: Int?) async throws -> [[Float]] {
    let answer: EmbeddingAnswer = try await RetryLoop(policy: policy).run {
      do {
        let response = try await server.post(body, to: "embeddings")
        guard response.head.status == 200 else { return .on(refusal: response) }
        guard let answer = EmbeddingAnswer(response.body) else {
          return .retry(
            reason: "not an embeddings answer: \(response.errorText)", retryAfter: nil,
            serverWasReached: true)
        }
        return .accepted(answer)
      } catch let failure as NetworkFailure {
        return .on(failure)
      }
    }
    return try answer.checked(count: count, dimension: dimension)
  }
}
