import Foundation
import HTTP
import Records

/// Asks one server for embeddings: single requests, with the same retries as chat.
struct EmbeddingExchange: Sendable {
  let server: ModelServer
  let model: String
  let policy: RetryPolicy

  /// The embeddings of pictures as `data:` URLs, no more than one request may have.
  ///
  /// - Throws: `ServerFailure`.
  func pictures(_ addresses: [String], in dialect: EmbeddingDialect, dimension: Int?)
    async throws -> [[Float]]
  {
    try await ask(
      dialect.body(pictures: addresses, model: model), count: addresses.count,
      dimension: dimension)
  }

  /// The embeddings of texts, no more than one request may have.
  ///
  /// - Throws: `ServerFailure`.
  func texts(_ texts: [String], in dialect: EmbeddingDialect, dimension: Int?) async throws
    -> [[Float]]
  {
    try await ask(
      dialect.body(texts: texts, model: model), count: texts.count, dimension: dimension)
  }

  /// The same in OpenAI's own dialect.
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

/// The form of a server's requests for embeddings, and the most items of one request.
package enum EmbeddingDialect: String, Sendable, CaseIterable {
  /// vLLM: a picture is a chat message, one per request.
  case messages
  /// infinity: pictures are URLs in `input`, with `modality`.
  case modality

  /// The most pictures per request.
  func picturesPerRequest(_ wanted: Int) -> Int { self == .messages ? 1 : max(1, wanted) }

  /// The JSON of a request for pictures, which are `data:` URLs.
  func body(pictures: [String], model: String) throws -> Data {
    var fields = try Self.field("model", model)
    switch self {
    case .messages:
      fields += Data(",\"messages\":[{\"role\":\"user\",\"content\":[".utf8)
      // Base64 needs no escaping.
      fields += Data(
        pictures.map { "{\"type\":\"image_url\",\"image_url\":{\"url\":\"\($0)\"}}" }
          .joined(separator: ",").utf8)
      fields += Data("]}]".utf8)
    case .modality:
      fields += Data(",\"modality\":\"image\",\"input\":[".utf8)
      fields += Data(pictures.map { "\"\($0)\"" }.joined(separator: ",").utf8)
      fields += Data("]".utf8)
    }
    return Data("{".utf8) + fields + Data("}".utf8)
  }

  /// The JSON of a request for texts. vLLM refuses a text over the model's length unless the
  /// request allows cutting it; infinity always cuts and ignores the field.
  func body(texts: [String], model: String) throws -> Data {
    var fields = try Self.field("model", model) + Data(",".utf8) + Self.field("input", texts)
    switch self {
    case .messages: fields += Data(",\"truncate_prompt_tokens\":-1".utf8)
    case .modality: fields += Data(",\"modality\":\"text\"".utf8)
    }
    return Data("{".utf8) + fields + Data("}".utf8)
  }

  private static func field(_ name: String, _ value: some Encodable) throws -> Data {
    try Data("\"\(name)\":".utf8) + JSONRecord.encode(value, pretty: false)
  }
}

/// A server's answer to a request for embeddings.
struct EmbeddingAnswer {
  private struct Body: Decodable {
    struct Row: Decodable {
      let index: Int?
      let embedding: [Float]
    }
    let data: [Row]
  }

  private let rows: [Body.Row]

  /// Nil where the body is not an embeddings answer.
  init?(_ body: Data) {
    let decoder = JSONDecoder()
    // A row with NaN is decoded, so that the error can report it.
    decoder.allowsJSON5 = true
    guard let body = try? decoder.decode(Body.self, from: body) else { return nil }
    rows = body.data
  }

  /// The rows, in the order of the request.
  ///
  /// - Parameters:
  ///   - count: the number of requested rows.
  ///   - dimension: their width; nil while it is unknown.
  /// - Throws: `ServerFailure.unusableAnswer`.
  func checked(count: Int, dimension: Int?) throws -> [[Float]] {
    func unusable(_ reason: String) -> ServerFailure { .unusableAnswer(reason: reason) }
    guard rows.count == count else {
      throw unusable("\(rows.count) embeddings for \(count) inputs")
    }
    let width = dimension ?? rows.first?.embedding.count ?? 0
    for (place, row) in rows.enumerated() {
      guard row.index ?? place == place else {
        throw unusable("embedding \(place) has the index \(row.index ?? -1): another order")
      }
      guard row.embedding.count == width, width > 0 else {
        throw unusable("an embedding of \(row.embedding.count) numbers, expected \(width)")
      }
      guard row.embedding.allSatisfy(\.isFinite) else {
        throw unusable("embedding \(place) contains NaN or infinity")
      }
    }
    return rows.map(\.embedding)
  }
}
