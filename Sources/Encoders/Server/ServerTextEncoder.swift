import Foundation
import HTTP
import Records
import Tensors

/// Strings as vectors, computed by any server with OpenAI's `/v1/embeddings`: sentence
/// encoders, and CLIP's text side. For pictures and texts see `ServerEncoder`.
///
/// Calls block their thread until the server has answered. Retries follow the rules of
/// `describe`.
public final class ServerTextEncoder: TextEncoder, Sendable {
  /// Kind `http` and the served model's name. The endpoint is recorded but not compared.
  public let identity: EncoderIdentity
  /// The lower of the limits of the server and the tokenizer's folder.
  public let maximumTokens: Int?
  private let counter: TokenCounter?
  private let requests: ServerRequests
  private let request: TextRequest
  private let textsPerRequest: Int

  /// The form of a request for texts.
  struct TextRequest: Sendable {
    /// Whether the request allows cutting long texts, which vLLM refuses otherwise.
    var truncates: Bool

    func body(_ texts: [String], model: String) throws -> Data {
      var fields = Data("{\"encoding_format\":\"float\",\"model\":".utf8)
      fields += try JSONRecord.encode(model, pretty: false) + Data(",\"input\":".utf8)
      fields += try JSONRecord.encode(texts, pretty: false)
      if truncates { fields += Data(",\"truncate_prompt_tokens\":-1".utf8) }
      return fields + Data("}".utf8)
    }
  }

  /// Probes a server: its models, and the embeddings of three short texts.
  ///
  /// - Parameters:
  ///   - endpoint: the base URL, such as `http://127.0.0.1:7997/v1`.
  ///   - model: a served model's name; nil for the only one that is served.
  ///   - counter: the model's tokenizer, which a server need not provide.
  /// - Throws: `HTTPError.badEndpoint`, `EncoderError.server`.
  public init(
    endpoint: String, model: String? = nil, key: APIKey? = nil, counter: TokenCounter? = nil,
    options: ServerEncoder.Options = ServerEncoder.Options()
  ) throws {
    let (requests, served, found) = try ServerRequests.open(
      endpoint, model: model, key: key, options: options, probe: Self.probe)
    self.requests = requests
    request = found.request
    textsPerRequest = options.textsPerRequest
    self.counter = counter
    maximumTokens = [served.contextTokens, counter?.maximumTokens].compactMap { $0 }.min()
    identity = requests.identity(dimension: found.dimension)
  }

  public var traits: TextEncoderTraits {
    TextEncoderTraits(
      tokenizerHash: counter?.tokenizer.filesHash, pooling: "http", maximumTokens: maximumTokens)
  }

  /// - Throws: `EncoderError.tokenCountUnknown` without a tokenizer.
  public func tokenCount(of text: String) throws -> Int {
    guard let counter else {
      throw EncoderError.tokenCountUnknown(encoder: identity.description)
    }
    return counter.tokenizer.tokens(of: text).count
  }

  /// The server's embeddings, [n, dimension].
  ///
  /// - Throws: `EncoderError.server`.
  public func encodeTexts(_ texts: [String]) throws -> Tensor<Float> {
    try requests.encode(texts, perRequest: textsPerRequest, width: identity.dimension) {
      [requests, request, identity] batch in
      try await requests.exchange.texts(
        Array(batch), as: request, dimension: identity.dimension)
    }
  }

  /// Finds out the form of requests and the width of the answers.
  ///
  /// Proved: the answer depends on the text, and the same text gets the same
  /// embedding. Not provable from outside: which weights the model's name means.
  @Sendable private static func probe(_ exchange: EmbeddingExchange) async throws -> (
    request: TextRequest, dimension: Int
  ) {
    let texts = ["a street at night", "two men fight", "a street at night"]
    var request = TextRequest(truncates: true)
    let rows: [[Float]]
    do {
      rows = try await exchange.texts(texts, as: request, dimension: nil)
    } catch ServerFailure.refused {
      // A strict server does not know the field.
      request.truncates = false
      rows = try await exchange.texts(texts, as: request, dimension: nil)
    }
    func distance(_ left: [Float], _ right: [Float]) -> Float {
      zip(left, right).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
    guard distance(rows[0], rows[2]) < 0.01 * distance(rows[0], rows[1]) else {
      throw ServerFailure.unusableAnswer(
        reason: "the same text gets different embeddings, or different texts the same")
    }
    return (request, rows[0].count)
  }
}
