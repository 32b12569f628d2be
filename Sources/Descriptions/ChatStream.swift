import Foundation
import HTTP

/// Puts a streamed chat answer together from its events.
struct ChatStream {
  private(set) var text = ""
  private var events = ServerSentEvents()
  private var finishReason: String?
  private var refusal = ""
  private var promptTokens: Int?
  private var completionTokens: Int?
  private var isDone = false
  private var hasChoice = false
  /// What the server said went wrong in mid-stream.
  private(set) var error: String?

  private struct Chunk: Decodable {
    struct Choice: Decodable {
      struct Delta: Decodable {
        let content: String?
        let refusal: String?
      }
      let delta: Delta?
      let finishReason: String?

      enum CodingKeys: String, CodingKey {
        case delta
        case finishReason = "finish_reason"
      }
    }
    struct Failure: Decodable {
      let message: String?
    }
    let choices: [Choice]?
    let usage: ChatUsage?
    let error: Failure?
  }

  /// Takes a piece of the body. An event that is no JSON is an error.
  mutating func feed(_ piece: Data) {
    for event in events.feed(piece) { take(event) }
  }

  /// The answer; nil where the stream ended before the model did, or with an error.
  mutating func finish() -> ChatAnswer? {
    if let last = events.finish() { take(last) }
    guard error == nil, hasChoice, isDone || finishReason != nil else { return nil }
    return ChatAnswer(
      text: text, finishReason: finishReason, refusal: refusal.isEmpty ? nil : refusal,
      promptTokens: promptTokens, completionTokens: completionTokens)
  }

  private mutating func take(_ event: Data) {
    guard event != Data("[DONE]".utf8) else {
      isDone = true
      return
    }
    guard let chunk = try? JSONDecoder().decode(Chunk.self, from: event) else {
      error =
        error
        ?? "an event that is no chat chunk: \(String(decoding: event.prefix(120), as: UTF8.self))"
      return
    }
    if let failure = chunk.error { error = error ?? failure.message ?? "no reason given" }
    if let choice = chunk.choices?.first {
      hasChoice = true
      text += choice.delta?.content ?? ""
      refusal += choice.delta?.refusal ?? ""
      finishReason = choice.finishReason ?? finishReason
    }
    promptTokens = chunk.usage?.promptTokens ?? promptTokens
    completionTokens = chunk.usage?.completionTokens ?? completionTokens
  }
}
