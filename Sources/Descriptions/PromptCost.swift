/// What a prompt's text costs at a server, measured there: with it the prompt tokens
/// of every request are known before it is sent.
public struct PromptCost: Codable, Sendable, Equatable {
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
