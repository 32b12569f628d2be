import Foundation

/// A chat server's answer, as any of the known dialects writes it.
struct ChatAnswer: Decodable, Sendable {
  /// The first choice's words; nil where there are none.
  let text: String?
  let finishReason: String?
  /// The words with which the model declined, where the server says so.
  let refusal: String?
  let promptTokens: Int?
  let completionTokens: Int?
  /// Whether there is a first choice at all.
  let hasChoice: Bool

  init(
    text: String?, finishReason: String?, refusal: String?, promptTokens: Int?,
    completionTokens: Int?
  ) {
    self.text = text
    self.finishReason = finishReason
    self.refusal = refusal
    self.promptTokens = promptTokens
    self.completionTokens = completionTokens
    hasChoice = true
  }

  private struct Body: Decodable {
    let choices: [Choice]?
    let usage: ChatUsage?
  }
  private struct Choice: Decodable {
    let message: Message?
    let finishReason: String?

    enum CodingKeys: String, CodingKey {
      case message
      case finishReason = "finish_reason"
    }
  }
  private struct Message: Decodable {
    let content: Content?
    let refusal: String?
  }
  /// Words, or a list of parts with words.
  private struct Content: Decodable {
    struct Part: Decodable { let text: String? }
    let text: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let words = try? container.decode(String.self) {
        text = words
      } else {
        text = try container.decode([Part].self).compactMap(\.text).joined()
      }
    }
  }

  init(from decoder: any Decoder) throws {
    let body = try Body(from: decoder)
    let choice = body.choices?.first
    hasChoice = choice?.message != nil
    text = choice?.message?.content?.text
    finishReason = choice?.finishReason
    refusal = choice?.message?.refusal
    promptTokens = body.usage?.promptTokens
    completionTokens = body.usage?.completionTokens
  }
}

/// What a server counted.
struct ChatUsage: Decodable, Sendable {
  let promptTokens: Int?
  let completionTokens: Int?

  enum CodingKeys: String, CodingKey {
    case promptTokens = "prompt_tokens"
    case completionTokens = "completion_tokens"
  }
}
