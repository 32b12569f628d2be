import Foundation
import HTTP
import Records

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

/// How a server wants to be asked for embeddings, and what one request can hold.
package enum EmbeddingDialect: String, Sendable, CaseIterable {
  /// vLLM: a picture is a chat message, one a request.
  case messages
  /// infinity: pictures are addresses in `input`, with `modality`.
  case modality

  /// The most pictures that one request may hold.
  func picturesPerRequest(_ wanted: Int) -> Int { self == .messages ? 1 : max(1, wanted) }

  /// The JSON of a request for pictures, given as `data:` addresses.
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

  /// The JSON of a request for texts. vLLM refuses a text over the model's length
  /// unless it is told to cut; infinity cuts and takes no notice of the field.
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

  /// Nil for what is no such answer at all.
  init?(_ body: Data) {
    let decoder = JSONDecoder()
    // A row with NaN in it is read, so that the error can say so.
    decoder.allowsJSON5 = true
    guard let body = try? decoder.decode(Body.self, from: body) else { return nil }
    rows = body.data
  }

  /// The rows, in the order of what was asked.
  ///
  /// - Parameters:
  ///   - count: how many were asked for.
  ///   - dimension: their width; nil while it is not known.
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
        throw unusable("embedding \(place) holds NaN or infinity")
      }
    }
    return rows.map(\.embedding)
  }
}
