import Encoders
import Foundation
import Records

/// Counts the text tokens of a chat request with the served model's own tokenizer, chat
/// template included: what `--tokenizer` names.
///
/// Qwen's vision models put each message between `<|im_start|>role` and `<|im_end|>`, and
/// a system message of their own before a question without one; that sentence is read
/// from the folder's template, which is not run.
public struct ChatTextTokenizer: Sendable {
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
