import Encoders
import Foundation
import HTTP
import Records

/// Counts the text tokens of a chat request with the served model's own tokenizer, chat
/// template included: what `--tokenizer` names.
///
/// Qwen's vision models put each message between `<|im_start|>role` and `<|im_end|>`, and
/// a system message of their own before a question without one; that sentence is read
/// from the folder's template, which is not run.
public struct LocalChatTokenizer: Sendable {
  /// The folder of the files.
  public let directory: URL
  private let tokenizer: QwenTokenizer
  /// What the template says to the model before a question.
  private let system: String

  private static let image = "<|vision_start|><|image_pad|><|vision_end|>"
  private static let imageTokens = 3

  /// Reads `tokenizer.json` and the chat template of a model folder.
  ///
  /// - Throws: `EncoderError.fileMissing`, `.badConfiguration`.
  public init(directory: URL) throws {
    self.directory = directory
    tokenizer = try QwenTokenizer(directory: directory)
    let template = try Self.template(in: directory)
    guard template.contains("<|im_start|>"), template.contains("<|image_pad|>") else {
      throw EncoderError.badConfiguration(
        path: directory.path, found: "a chat template without <|im_start|> and <|image_pad|>",
        expected: "the template of a Qwen model that sees images")
    }
    // Jinja writes the line's end as it is, or as \\n in a string.
    let turn = /<\|im_start\|>system(?:\\n|\n)([^'"{}]*?)<\|im_end\|>/
    system =
      template.firstMatch(of: turn).map {
        "<|im_start|>system\n\($0.1.replacing("\\n", with: "\n"))<|im_end|>\n"
      } ?? ""
    let probe = tokenizer.tokens(of: Self.image + "<|im_start|><|im_end|>")
    guard probe.count == Self.imageTokens + 2 else {
      throw EncoderError.badConfiguration(
        path: directory.appendingPathComponent("tokenizer.json").path,
        found: "\(probe.count) tokens for five special ones",
        expected: "Qwen's special tokens among its added_tokens")
    }
  }

  /// The chat template, from whichever file has it.
  private static func template(in directory: URL) throws -> String {
    if let text = try? String(
      contentsOf: directory.appendingPathComponent("chat_template.jinja"), encoding: .utf8)
    {
      return text
    }
    struct Holder: Decodable {
      var template: String?

      enum CodingKeys: String, CodingKey {
        case template = "chat_template"
      }
    }
    for name in ["chat_template.json", "tokenizer_config.json"] {
      let file = directory.appendingPathComponent(name)
      guard FileManager.default.fileExists(atPath: file.path) else { continue }
      if let text = try JSONRecord.read(Holder.self, from: file).template { return text }
    }
    throw EncoderError.fileMissing(
      folder: directory.path, file: "chat_template.jinja, nor a chat_template in a JSON file",
      remedy: "copy it from the folder of the model that the server serves")
  }

  /// The prompt tokens of a message without its images and their markers.
  package func textTokens(of parts: [PromptTemplate.Part]) -> Int {
    var text = system + "<|im_start|>user\n"
    var images = 0
    for part in parts {
      switch part {
      case .text(let words): text += words
      case .frame:
        text += Self.image
        images += 1
      }
    }
    text += "<|im_end|>\n<|im_start|>assistant\n"
    return tokenizer.tokens(of: text).count - Self.imageTokens * images
  }
}

/// Counts the text tokens of a chat request with the server's own tokenizer, where it has
/// vLLM's `/tokenize`, which runs no model.
///
/// The answer lists every token of the prompt, the images' places among them, so that the
/// text's are known without a rule for images being believed.
struct ServerChatTokenizer: Sendable {
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

/// How the tokens of a request's text are known before it is sent.
package enum TextTokenCounter: Sendable {
  /// By what the same prompt's text cost before the run.
  case measured(MeasuredTextTokens)
  /// By the served model's own tokenizer.
  case counted(LocalChatTokenizer)

  /// The tokens of a message's text, chat template included, images and their markers
  /// not.
  package func textTokens(of parts: [PromptTemplate.Part]) -> Int {
    switch self {
    case .measured(let cost):
      cost.textTokens(
        of: PromptTemplate.words(of: parts),
        frames: parts.count { if case .frame = $0 { true } else { false } })
    case .counted(let tokenizer): tokenizer.textTokens(of: parts)
    }
  }
}

/// What a prompt's text costs at a server, measured there: with it the prompt tokens
/// of every request are known before it is sent.
public struct MeasuredTextTokens: Codable, Sendable, Equatable {
  /// Tokens of the text with one frame, the chat template included, images and their
  /// markers not.
  public let tokensWithOneFrame: Int
  /// Tokens of the text of each further frame.
  public let tokensPerFrame: Double
  /// How many digits the measured texts had, with one frame and for each further one.
  let digitsWithOneFrame: Int
  let digitsPerFrame: Double

  /// The tokens of a request's text. Texts of one prompt differ in their numbers only,
  /// and Qwen's tokenizers make each digit a token of its own.
  public func textTokens(of words: String, frames: Int) -> Int {
    let further = Double(frames - 1)
    let digits = Double(digitsWithOneFrame) + digitsPerFrame * further
    let tokens =
      Double(tokensWithOneFrame) + tokensPerFrame * further
      + Double(Self.digits(in: words)) - digits
    return Int(tokens.rounded())
  }

  static func digits(in words: String) -> Int {
    words.count { $0.isASCII && $0.isNumber }
  }
}

/// How many prompt tokens a server should count for a request.
struct ExpectedPromptTokens: Sendable, Equatable {
  let tokens: Int
  /// The tokens of the smallest image, without its markers.
  let smallestImageTokens: Int

  /// Whether images were lost, shrunk or enlarged: the count is off by half the
  /// smallest image or more.
  func isMissed(by counted: Int) -> Bool {
    2 * abs(counted - tokens) >= smallestImageTokens
  }
}
