import Encoders
import Foundation
import HTTP
import Records

/// Counts the text tokens of a chat request, chat template included, with the files of the
/// served model's tokenizer (`--tokenizer`).
///
/// Qwen's vision models put each message between `<|im_start|>role` and `<|im_end|>`, and add
/// a system message of their own to a question without one. That message is read from the
/// folder's template; the template itself is not run.
public struct LocalChatTokenizer: Sendable {
  /// The folder with the files.
  public let directory: URL
  private let tokenizer: QwenTokenizer
  /// The system message that the template adds before a question.
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
    // A Jinja template contains the line break itself, or \\n in a string.
    let turn = /<\|im_start\|>system(?:\\n|\n)([^'"{}]*?)<\|im_end\|>/
    system =
      template.firstMatch(of: turn).map {
        "<|im_start|>system\n\($0.1.replacing("\\n", with: "\n"))<|im_end|>\n"
      } ?? ""
    let probe = tokenizer.tokens(of: Self.image + "<|im_start|><|im_end|>")
    guard probe.count == Self.imageTokens + 2 else {
      throw EncoderError.badConfiguration(
        path: directory.appendingPathComponent("tokenizer.json").path,
        found: "\(probe.count) tokens for a text of five special tokens",
        expected: "five, with Qwen's special tokens among its added_tokens")
    }
  }

  /// The chat template, from the first file that contains one.
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

/// Counts the text tokens of a chat request with the server's own tokenizer, if the server
/// has vLLM's `/tokenize`, which does not run the model.
///
/// The answer lists every token of the prompt, including those of the images, so that the
/// text's tokens are known without trusting a rule for images.
struct ServerChatTokenizer: Sendable {
  let server: ModelServer
  /// The served model's name.
  let model: String
  /// The number of tokens between the markers of each image of a request.
  let imageTokens: Int
  /// The server's own fields, which may change its chat template.
  var extraBody: ExtraBody?

  private struct Answer: Decodable {
    let count: Int
    let tokens: [Int]
  }

  /// The prompt tokens of a request without its images and their markers; nil if the server
  /// has no `/tokenize` for chats, or does not list that many images of that size.
  ///
  /// - Parameter images: the number of images in the request; at least one.
  func textTokens(of body: ChatRequestBody, images: Int) async throws -> Int? {
    let response: HTTPResponse
    do {
      response = try await server.postBeside(
        body.encoded(model: model, fields: extraBody?.fields ?? []), to: "tokenize")
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

  /// The length of the longest runs of one repeated token, and their number: each image is
  /// such a run.
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

/// Counts the tokens of a request's text before the request is sent.
package enum TextTokenCounter: Sendable {
  /// From measurements of the same prompt before the run.
  case measured(MeasuredTextTokens)
  /// With the served model's tokenizer.
  case counted(LocalChatTokenizer)

  /// The tokens of a message's text, including the chat template, excluding images and their
  /// markers.
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

/// The tokens of a prompt's text as a server counted them before the run. They predict the
/// prompt tokens of every request.
public struct MeasuredTextTokens: Codable, Sendable, Equatable {
  /// The tokens of the text with one frame, including the chat template, excluding images and
  /// their markers.
  public let tokensWithOneFrame: Int
  /// The tokens of the text for each further frame.
  public let tokensPerFrame: Double
  /// The number of digits in the measured texts, with one frame and for each further one.
  let digitsWithOneFrame: Int
  let digitsPerFrame: Double

  /// The tokens of a request's text. Texts of one prompt differ only in their numbers, and
  /// Qwen's tokenizers make each digit a token of its own.
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

/// The prompt tokens that a server should count for a request.
struct ExpectedPromptTokens: Sendable, Equatable {
  let tokens: Int
  /// The tokens of the smallest image without its markers.
  let smallestImageTokens: Int
  /// The tokens of all images, markers included, and their number.
  var imageTokens = 0
  var images = 0

  /// Whether images were dropped, reduced or enlarged: the count differs by at least half the
  /// tokens of the smallest image.
  func isMissed(by counted: Int) -> Bool {
    2 * abs(counted - tokens) >= smallestImageTokens
  }
}
