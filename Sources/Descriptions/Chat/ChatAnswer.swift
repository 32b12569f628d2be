import Foundation

/// A chat server's answer, in any of the known dialects.
struct ChatAnswer: Sendable {
  /// The first choice's words; nil if it has none.
  var text: String?
  /// The thoughts that the server keeps apart from the words; empty if there are none.
  var reasoning = ""
  /// Why the answer ended, in OpenAI's words where they mean the same.
  var finishReason: String? {
    didSet {
      guard let reason = finishReason?.lowercased() else { return }
      let usual = ["max_tokens": "length", "max_length": "length", "eos_token": "stop"][reason]
      if (usual ?? reason) != finishReason { finishReason = usual ?? reason }
    }
  }
  /// Whether the model ended the answer, or the limit of tokens did. A server that stops for
  /// another reason (`abort`, `error`, `tool_calls`) leaves a part of an answer.
  var isWhole: Bool {
    let ends = [
      "stop", "length", "eos", "end_turn", "stop_sequence", "end", "done", "complete", "completed",
      "content_filter", "",
    ]
    return finishReason.map(ends.contains) ?? true
  }
  /// The words with which the model declined, if the server reports them.
  var refusal: String?
  var promptTokens: Int?
  var completionTokens: Int?

  init() {}

  /// Reads an answer that was not streamed; nil if the object has no choice with a message.
  init?(_ object: [String: Any]) {
    guard let choice = (object["choices"] as? [Any])?.first as? [String: Any],
      let message = choice["message"] as? [String: Any]
    else { return nil }
    add(message)
    finishReason = choice["finish_reason"] as? String
    addUsage(of: object)
  }

  /// Adds the words of a message, or of a piece of a streamed one.
  mutating func add(_ message: [String: Any]) {
    if let words = Self.words(message["content"], isThought: false) { text = (text ?? "") + words }
    reasoning += Self.words(message["content"], isThought: true) ?? ""
    // Servers that have two of these fields repeat the same thoughts.
    for name in ["reasoning_content", "reasoning", "thinking", "reasoning_details"] {
      if let thoughts = Self.words(message[name], isThought: nil), !thoughts.isEmpty {
        reasoning += thoughts
        break
      }
    }
    if let declined = message["refusal"] as? String, !declined.isEmpty {
      refusal = (refusal ?? "") + declined
    }
  }

  /// Takes the token counts of an answer or of a chunk, if it has some.
  mutating func addUsage(of object: [String: Any]) {
    guard let usage = object["usage"] as? [String: Any] else { return }
    promptTokens = (usage["prompt_tokens"] as? NSNumber)?.intValue ?? promptTokens
    completionTokens = (usage["completion_tokens"] as? NSNumber)?.intValue ?? completionTokens
  }

  /// The words of a text or of a list of parts; nil if there are none.
  ///
  /// - Parameter isThought: only parts of this kind; nil for all.
  private static func words(_ content: Any?, isThought: Bool?) -> String? {
    if let text = content as? String { return isThought == true ? nil : text }
    guard let parts = content as? [Any] else { return nil }
    let texts = parts.compactMap { part -> String? in
      if let text = part as? String { return isThought == true ? nil : text }
      guard let part = part as? [String: Any] else { return nil }
      let kind = (part["type"] as? String ?? "text").lowercased()
      let isThinking = kind.contains("think") || kind.contains("reason") || part["thinking"] != nil
      guard isThought == nil || isThought == isThinking else { return nil }
      for name in ["text", "thinking", "reasoning", "summary", "content"] {
        if let text = words(part[name], isThought: nil) { return text }
      }
      return nil
    }
    return texts.isEmpty ? nil : texts.joined()
  }
}
