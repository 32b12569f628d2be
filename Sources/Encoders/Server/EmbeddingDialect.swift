import Foundation
import Records

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
