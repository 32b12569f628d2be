import Foundation
import HTTP

/// Counts the text tokens of a chat request with the server's own tokenizer, where it has
/// vLLM's `/tokenize`, which runs no model.
///
/// The answer lists every token of the prompt, the images' places among them, so that the
/// text's are known without a rule for images being believed.
struct ServerTokenizer: Sendable {
  let server: ModelServer
  /// The served model's name.
  let model: String
  /// The tokens between the markers of each image of a request.
  let imageTokens: Int

  private struct Answer: Decodable {
    let count: Int
    let tokens: [Int]
  }

  /// The prompt tokens of a request without its images and their markers; nil where the
  /// server has no `/tokenize` for chats, or does not show so many images of that size.
  ///
  /// - Parameter images: how many the request has; at least one.
  func textTokens(of body: ChatRequestBody, images: Int) async throws -> Int? {
    let response: HTTPResponse
    do {
      response = try await server.postBeside(
        body.encoded(model: model, fields: []), to: "tokenize")
    } catch is NetworkFailure {
      return nil
    }
    guard response.head.status == 200,
      let answer = try? JSONDecoder().decode(Answer.self, from: response.body),
      answer.count == answer.tokens.count
    else { return nil }
    let shown = Self.longestRuns(in: answer.tokens)
    guard shown.length == imageTokens, shown.count == images else { return nil }
    return answer.count - images * (imageTokens + QwenImageBudget.markerTokens)
  }

  /// How long the longest run of one token is, and how many are as long: an image's place
  /// is one token over and over.
  private static func longestRuns(in tokens: [Int]) -> (length: Int, count: Int) {
    var longest = (length: 0, count: 0)
    var length = 0
    for (place, token) in tokens.enumerated() {
      length = place > 0 && tokens[place - 1] == token ? length + 1 : 1
      let ends = place + 1 == tokens.count || tokens[place + 1] != token
      guard ends, length >= longest.length else { continue }
      longest = (length, length == longest.length ? longest.count + 1 : 1)
    }
    return longest
  }
}
